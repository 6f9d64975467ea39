using System.Runtime.InteropServices;
using System.Text;
using MmActors.Cli;
using MmActors.Cli.Execution;

using var cancel = new CancellationTokenSource();
var interrupted = false;
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal =>
{
    // The first Ctrl-C asks for the partial result; a second one ends the process as usual.
    signal.Cancel = !interrupted;
    interrupted = true;
    cancel.Cancel();
});

var outIsTerminal = !Console.IsOutputRedirected;

// Not disposed: the command flushes it and reports what goes wrong then; a second attempt could only crash.
var output = new StreamWriter(
    Console.OpenStandardOutput(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), bufferSize: 1 << 16);
var terminal = new Terminal
{
    Out = output,
    Error = Console.Error,
    Colour = outIsTerminal && Terminal.ColourWanted(Environment.GetEnvironmentVariable),
    IsInteractive = outIsTerminal,
    ShowsProgress = !Console.IsErrorRedirected,
    Cancel = cancel.Token,
    PrepareForMinutes = LongRunProcess.Begin,
};
return MmActorsCommand.Run(args, terminal, new ShippedSimulator());
