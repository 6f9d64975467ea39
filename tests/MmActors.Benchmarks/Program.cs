// What the simulator costs. Always in Release, from the repository's root:
//
//   dotnet run -c Release --project tests/MmActors.Benchmarks -- --filter '*'                 every benchmark, minutes
//   dotnet run -c Release --project tests/MmActors.Benchmarks -- --filter '*RangeScan*' -j short   one class, quickly
//   dotnet run -c Release --project tests/MmActors.Benchmarks -- smoke                        every body once, seconds
//   dotnet run -c Release --project tests/MmActors.Benchmarks -- memory                       bytes per page and per range
//   dotnet run -c Release --project tests/MmActors.Benchmarks -- reclaim [lazyfree|swap|underused]   what reclaim and the shrinker do a second
//   dotnet run -c Release --project tests/MmActors.Benchmarks -- telemetry                    what telemetry costs, off and on
//   dotnet run -c Release --project tests/MmActors.Benchmarks -- terabyte [--size 1T]         one traversal of so much memory
//
// The first two measure; the others print figures of one run on this machine.
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using MmActors.Benchmarks;

switch (args)
{
    case ["smoke"]:
        return Smoke.Run();
    case ["memory"]:
        MemoryUse.Print();
        return 0;
    case ["reclaim"]:
        return ReclaimRates.Run(only: null);
    case ["reclaim", var only]:
        return ReclaimRates.Run(only);
    case ["telemetry"]:
        return TelemetryCost.Run();
    case ["terabyte"]:
        return TerabyteScan.Run("1T");
    case ["terabyte", "--size", var size]:
        return TerabyteScan.Run(size);
    default:
        // As the command itself runs; a benchmark that is set up anew for every iteration would else see unoptimised code.
        Job untiered = Job.Default.WithEnvironmentVariable("DOTNET_TieredCompilation", "0").AsMutator();
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly)
            .Run(args, ManualConfig.Create(DefaultConfig.Instance).AddJob(untiered));
        return 0;
}
