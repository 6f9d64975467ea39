using MmActors.Tracing.Ftrace;
using MmActors.Tracing.Perfetto.Protos;

namespace MmActors.Tracing.Perfetto;

/// <summary>The tracks of a trace, one per actor, made when they are first used: threads of the kernel and of the tasks, below
/// each process its reclaim contexts and counters.</summary>
internal sealed class TrackTable(TraceThreads threads, PacketSpool spool)
{
    /// <summary>kthreadd, whose children the kernel's threads are.</summary>
    private const int KernelPid = 2;

    private readonly List<Track> _tracks = [];
    private readonly SortedDictionary<(int Owner, string Name), Track> _byName = new(
        Comparer<(int Owner, string Name)>.Create(static (a, b) => a.Owner != b.Owner
            ? a.Owner.CompareTo(b.Owner) : string.CompareOrdinal(a.Name, b.Name)));

    /// <summary>All of them in order of creation, parents before children.</summary>
    public IReadOnlyList<Track> Tracks => _tracks;

    /// <summary>Gives processes and threads their names, once all are known: a fork child has a track before it has a name.</summary>
    public void Name()
    {
        foreach (((int owner, string _), Track track) in _byName)
        {
            if (track.Process is { } process && owner > 0)
            {
                process.ProcessName = threads.Comm(owner);
            }
            else if (track.Thread is { } thread)
            {
                thread.ThreadName = threads.Comm(owner);
            }
        }
    }

    /// <summary>The thread of a task or of the kernel.</summary>
    public Track Thread(int by) => Find(by, "", parent => new Track(spool, Next, parent, "")
    {
        Thread = new ThreadDescriptor { Pid = by > 0 ? TraceThreads.Pid(by) : KernelPid, Tid = TraceThreads.Pid(by) },
    });

    /// <summary>A track below the process of a task (its mm) or of the kernel (0 or less).</summary>
    public Track Part(int owner, string name) => Find(Math.Max(owner, 0), name, parent => new Track(spool, Next, parent, name));

    /// <summary>A counter below the process of a task or of the kernel.</summary>
    public Track Counter(int owner, string name) =>
        Find(Math.Max(owner, 0), name, parent => new Track(spool, Next, parent, name) { IsCounter = true });

    /// <summary>A new track that belongs to no process.</summary>
    public Track Alone(string name)
    {
        var track = new Track(spool, Next, null, name);
        _tracks.Add(track);
        return track;
    }

    private ulong Next => (ulong)_tracks.Count + 1;

    private Track Find(int owner, string name, Func<Track, Track> make)
    {
        if (!_byName.TryGetValue((owner, name), out Track? track))
        {
            track = make(Process(Math.Max(owner, 0)));
            _tracks.Add(track);
            _byName.Add((owner, name), track);
        }

        return track;
    }

    private Track Process(int owner)
    {
        const string Name = "\0process";
        if (!_byName.TryGetValue((owner, Name), out Track? process))
        {
            process = new Track(spool, Next, null, "")
            {
                Process = new ProcessDescriptor
                {
                    Pid = owner > 0 ? TraceThreads.Pid(owner) : KernelPid,
                    ProcessName = "kernel",
                },
            };
            _tracks.Add(process);
            _byName.Add((owner, Name), process);
        }

        return process;
    }
}
