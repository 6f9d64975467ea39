using MmActors.Model.Memory;

namespace MmActors.Model.Reclaim;

/// <summary>One number of pages for each evictable list of an lruvec: its length, or what is to be scanned of it
/// (RC-15).</summary>
/// <param name="InactiveAnon">Swapbacked pages that reclaim takes first.</param>
/// <param name="ActiveAnon">Swapbacked pages that must be deactivated first.</param>
/// <param name="InactiveFile">Lazyfree (and file) pages that reclaim takes first.</param>
/// <param name="ActiveFile">Lazyfree (and file) pages that must be deactivated first.</param>
public record struct LruPages(long InactiveAnon, long ActiveAnon, long InactiveFile, long ActiveFile)
{
    /// <summary>Pages of both swapbacked lists.</summary>
    public readonly long Anon => InactiveAnon + ActiveAnon;

    /// <summary>Pages of both lists of lazyfree and file folios.</summary>
    public readonly long File => InactiveFile + ActiveFile;

    /// <summary>Pages of all four lists.</summary>
    public readonly long Total => Anon + File;

    /// <summary>The number of one list; the unevictable list has none (SM-13) and is refused.</summary>
    public long this[LruKind kind]
    {
        readonly get => kind switch
        {
            LruKind.InactiveAnon => InactiveAnon,
            LruKind.ActiveAnon => ActiveAnon,
            LruKind.InactiveFile => InactiveFile,
            LruKind.ActiveFile => ActiveFile,
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "reclaim never scans this list"),
        };
        set
        {
            switch (kind)
            {
                case LruKind.InactiveAnon:
                    InactiveAnon = value;
                    break;
                case LruKind.ActiveAnon:
                    ActiveAnon = value;
                    break;
                case LruKind.InactiveFile:
                    InactiveFile = value;
                    break;
                case LruKind.ActiveFile:
                    ActiveFile = value;
                    break;
                default:
                    throw new ArgumentOutOfRangeException(nameof(kind), kind, "reclaim never scans this list");
            }
        }
    }
}
