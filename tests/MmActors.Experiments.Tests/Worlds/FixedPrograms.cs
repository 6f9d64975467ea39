using CsCheck;

namespace MmActors.Experiments.Tests.Worlds;

/// <summary>Random programs that are the same in every run: a check that fails by chance tells nothing about the change it
/// fails on. They run on threads of their own, because an actor system needs the pool's to terminate, and programs that wait for
/// one another there leave it none.</summary>
internal static class FixedPrograms
{
    public static void Check(Gen<GeneratedWorld> worlds, int programs, Action<GeneratedWorld> check)
    {
        int next = -1;
        Exception? failure = null;
        void Work()
        {
            for (int number = Interlocked.Increment(ref next); number < programs; number = Interlocked.Increment(ref next))
            {
                try
                {
                    CheckOne(worlds, new PCG((uint)number, (ulong)number * 0x9E3779B97F4A7C15).ToString(), check);
                }
                catch (Exception e)
                {
                    _ = Interlocked.CompareExchange(ref failure, e, null);
                    Volatile.Write(ref next, programs);
                }
            }
        }

        var threads = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(Work)).ToList();
        threads.ForEach(static thread => thread.Start());
        threads.ForEach(static thread => thread.Join());
        if (failure is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        }
    }

    public static void CheckOne(Gen<GeneratedWorld> worlds, string seed, Action<GeneratedWorld> check) =>
        worlds.Sample(check, seed: seed, iter: 1, threads: 1, print: static world => world.ToString());
}
