using System.Runtime.InteropServices;
using System.Text;
using MmActors.Cli;
using MmActors.Cli.Execution;

using var cancel = new CancellationTokenSource();
var interrupted = false;
var interrupt = Listen();

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
    PrepareForMinutes = Prepare,
};
var code = MmActorsCommand.Run(args, terminal, new ShippedSimulator());
interrupt.Dispose();
return code;

PosixSignalRegistration Listen() => PosixSignalRegistration.Create(PosixSignal.SIGINT, signal =>
{
    // The first Ctrl-C asks for the partial result; a second one ends the process as usual.
    signal.Cancel = !interrupted;
    interrupted = true;
    cancel.Cancel();
});

void Prepare()
{
    if (LongRunProcess.CanBegin && !interrupted)
    {
        interrupt.Dispose(); // a Ctrl-C that the new process would not hear of ends this one
        LongRunProcess.Begin();
        interrupt = Listen();
    }
}
