using MmActors.Model.Reclaim;
using MmActors.Model.Settings;

namespace MmActors.Model.Memory;

/// <summary>A memory cgroup: its lruvec, its charge and limits, and what reclaim remembers about it (reclaim.md 4.10).
/// Owned by the actor that owns the node.</summary>
public sealed class Memcg
{
    private readonly long[] _events = new long[Enum.GetValues<MemcgEvent>().Length];
    private long _ownActivations;

    /// <summary>Creates a group.</summary>
    /// <param name="id">Number in folio owners; 0 is the root.</param>
    /// <param name="path">Path below /sys/fs/cgroup; empty for the root.</param>
    /// <param name="parent">Its parent; null for the root.</param>
    /// <param name="lru">Its lists.</param>
    public Memcg(int id, string path, Memcg? parent, LruLists lru)
    {
        Id = id;
        Path = path;
        Parent = parent;
        Lru = lru;
    }

    /// <summary>Number by which folios name it.</summary>
    public int Id { get; }

    /// <summary>Path below /sys/fs/cgroup.</summary>
    public string Path { get; }

    /// <summary>The group above; null for the root.</summary>
    public Memcg? Parent { get; }

    /// <summary>Its lists.</summary>
    public LruLists Lru { get; }

    /// <summary>Its limits now.</summary>
    public MemcgLimits Limits { get; set; } = new();

    /// <summary>memory.current in pages, descendants included. Charge stocks and kernel memory are not modelled.</summary>
    public long Usage { get; private set; }

    /// <summary>RC-39: what reclaim of each type has cost.</summary>
    public LruCost Cost { get; } = new();

    /// <summary>Evictions and activations so far: the clock of RC-38.</summary>
    public long NonresidentAge { get; private set; }

    /// <summary>RC-16g: the list sizes of this group and its descendants as last flushed; some decisions look at these
    /// instead of the lists.</summary>
    public LruPages Stale { get; private set; }

    /// <summary>workingset_activate_anon as last flushed (RC-18).</summary>
    public long StaleActivations { get; private set; }

    /// <summary><see cref="StaleActivations"/> at the end of the last reclaim pass on this target (RC-18).</summary>
    public long ActivationsAtLastPass { get; set; }

    /// <summary>Sizes of the four evictable lists now.</summary>
    public LruPages Sizes => new(
        Lru.Pages(LruKind.InactiveAnon), Lru.Pages(LruKind.ActiveAnon),
        Lru.Pages(LruKind.InactiveFile), Lru.Pages(LruKind.ActiveFile));

    /// <summary>memory.events.</summary>
    public long this[MemcgEvent kind] => Interlocked.Read(ref _events[(int)kind]);

    /// <summary>Counts an event of memory.events; anybody may, as in the kernel.</summary>
    public void Count(MemcgEvent kind) => Interlocked.Increment(ref _events[(int)kind]);

    /// <summary>Whether this group is the other one or lies below it.</summary>
    public bool IsWithin(Memcg ancestor)
    {
        for (Memcg? group = this; group is not null; group = group.Parent)
        {
            if (group == ancestor)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>How many pages may be charged before the first limit on the way up is met, and which group's it is.</summary>
    public long Margin(out Memcg limiting)
    {
        long margin = long.MaxValue;
        limiting = this;
        for (Memcg? group = this; group is not null; group = group.Parent)
        {
            if (group.Limits.MaxPages - group.Usage < margin)
            {
                margin = group.Limits.MaxPages - group.Usage;
                limiting = group;
            }
        }

        return margin;
    }

    /// <summary>The lowest group on the way up whose usage is above its memory.high, or null (RC-61).</summary>
    public Memcg? FirstAboveHigh()
    {
        for (Memcg? group = this; group is not null; group = group.Parent)
        {
            if (group.Usage > group.Limits.HighPages)
            {
                return group;
            }
        }

        return null;
    }

    /// <summary>Charges pages here and in every ancestor; the margin was checked.</summary>
    public void Charge(long pages)
    {
        for (Memcg? group = this; group is not null; group = group.Parent)
        {
            group.Usage += pages;
        }
    }

    /// <summary>Takes a charge back.</summary>
    public void Uncharge(long pages)
    {
        Charge(-pages);
        if (Usage < 0)
        {
            throw new InvariantException($"memory cgroup '{Path}' was uncharged more than charged");
        }
    }

    /// <summary>Evictions and activations make everything evicted before look older (RC-38).</summary>
    public void Age(long pages)
    {
        for (Memcg? group = this; group is not null; group = group.Parent)
        {
            group.NonresidentAge += pages;
        }
    }

    /// <summary>RC-39: charges a list round to this group and its ancestors.</summary>
    public void NoteRound(bool file, long pagesToPageout, long scannedMinusReclaimed)
    {
        for (Memcg? group = this; group is not null; group = group.Parent)
        {
            group.Cost.NoteRound(file, pagesToPageout, scannedMinusReclaimed, group.Stale.Total);
        }
    }

    /// <summary>RC-38: a refault that came soon activates the page; one of a working-set page is a cost as well (RC-39).</summary>
    public void NoteRefault(long pages, bool isRecent, bool wasWorkingset)
    {
        _ownActivations += isRecent ? pages : 0;
        for (Memcg? group = this; group is not null; group = group.Parent)
        {
            group.NonresidentAge += isRecent ? pages : 0;
            if (isRecent && wasWorkingset)
            {
                group.Cost.NoteRefault(file: false, pages, group.Stale.Total);
            }
        }
    }

    /// <summary>RC-16g: takes over this group's own figures; those of its children follow.</summary>
    internal void BeginFlush()
    {
        Stale = Sizes;
        StaleActivations = _ownActivations;
    }

    /// <summary>RC-16g: adds the flushed figures of a child.</summary>
    internal void AddFlushed(Memcg child)
    {
        LruPages more = child.Stale;
        Stale = new LruPages(Stale.InactiveAnon + more.InactiveAnon, Stale.ActiveAnon + more.ActiveAnon,
            Stale.InactiveFile + more.InactiveFile, Stale.ActiveFile + more.ActiveFile);
        StaleActivations += child.StaleActivations;
    }
}

/// <summary>Lines of memory.events.</summary>
public enum MemcgEvent
{
    /// <summary>low: reclaimed although below memory.low.</summary>
    Low,
    /// <summary>high: throttled for memory.high.</summary>
    High,
    /// <summary>max: reclaimed for memory.max (RC-60).</summary>
    Max,
    /// <summary>oom: the limit could not be kept.</summary>
    Oom,
    /// <summary>oom_kill: a task of the group was killed (RC-70).</summary>
    OomKill,
}
