using CsCheck;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Memory;

namespace MmActors.Model.Tests.AddressSpaces;

/// <summary>Invariant 4 against plain arrays: whatever is freed, forked, split or collapsed in between, a page reads as
/// what its process wrote last. Nothing is reclaimed here, so freed pages keep their contents too.</summary>
public class ContentTests
{
    private const int Ranges = 2;
    private const int MostSpaces = 3;

    private static readonly Gen<(int Kind, int Space, int Range, int First, int Length, byte Value)[]> Operations =
        Gen.Select(
            Gen.Int[0, 9], Gen.Int[0, MostSpaces - 1], Gen.Int[0, Ranges - 1],
            Gen.OneOf(Gen.Const(0), Gen.Int[0, 511]), Gen.OneOf(Gen.Const(512), Gen.Int[1, 512]), Gen.Byte[0, 3]).Array[1, 25];

    [Fact] // invariant 4
    public void Pages_read_as_they_were_written() =>
        Gen.Select(Operations, Gen.Bool).Sample((operations, huge) =>
        {
            List<(Space Space, byte[] Oracle)> spaces =
                [(new Space(pages: 16_384).Map(Ranges, huge ? VmaFlags.HugePage : VmaFlags.None), new byte[Ranges * 512])];
            foreach (var operation in operations)
            {
                Apply(spaces, operation);
                (Space first, _) = spaces[0];
                first.Audit([.. spaces.Skip(1).Select(static s => s.Space)]);
                AssertContents(spaces);
            }
        }, iter: 400);

    private static void Apply(
        List<(Space Space, byte[] Oracle)> spaces, (int Kind, int Space, int Range, int First, int Length, byte Value) operation)
    {
        (Space space, byte[] oracle) = spaces[operation.Space % spaces.Count];
        int range = operation.Range;
        Bits512 pages = Bits512.Range(operation.First, Math.Min(512, operation.First + operation.Length));
        Span<byte> window = oracle.AsSpan((range * 512) + operation.First, pages.Count());
        switch (operation.Kind)
        {
            case 0 or 1:
                space.Write(pages, operation.Value, range, whole: true);
                window.Fill(operation.Value);
                break;
            case 2:
                space.Write(pages, operation.Value, range);
                Store(window, operation.Value);
                break;
            case 3:
                space.Read(pages, range);
                break;
            case 4 or 5:
                space.Free(pages, range);
                break;
            case 6:
                space.DontNeed(pages, range);
                window.Clear();
                break;
            case 7 when spaces.Count < MostSpaces:
                spaces.Add((space.Fork(), [.. oracle]));
                break;
            default:
                if (space.Mm.Directory.StateOf(Space.Range(range)) == PmdState.Table)
                {
                    space.Collapse(range, isKhugepaged: operation.Kind == 8);
                }

                break;
        }
    }

    /// <summary>One byte of each page: a zero byte changes nothing that a zero test could see.</summary>
    private static void Store(Span<byte> window, byte value)
    {
        foreach (ref byte page in window)
        {
            page = ContentTag.AfterStore(page, value);
        }
    }

    private static void AssertContents(List<(Space Space, byte[] Oracle)> spaces)
    {
        foreach ((Space space, byte[] oracle) in spaces)
        {
            for (int page = 0; page < oracle.Length; page++)
            {
                Assert.Equal(oracle[page], space.Content(page % 512, page / 512));
            }
        }
    }
}
