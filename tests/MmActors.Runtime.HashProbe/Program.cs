using MmActors.Runtime.HashProbe;

// Run by the tests as a second process, and by hand for numbers. One word says what to print.
switch (args)
{
    case ["hash", var strategy, var seed]:
        Console.WriteLine(ProbeWorld.TraceHash(strategy, ulong.Parse(seed)));
        return 0;
    case ["work-items"]:
        Console.WriteLine(ProbeWorld.PoolWorkItemsDuringRun());
        return 0;
    case ["speed"]:
        SpeedProbe.Run();
        return 0;
    case ["start"]:
        SpeedProbe.Start();
        return 0;
    default:
        Console.Error.WriteLine("Usage: hash <fifo|random> <seed> | work-items | speed | start");
        return 2;
}
