using MmActors.Model.Units;

namespace MmActors.Model.Memory;

/// <summary>What the pages hold: one tag a page, or one for a whole order-9 folio while all its subpages hold the same.</summary>
public sealed partial class FolioTable
{
    /// <summary>What the page holds: 0 = zero-filled, else a tag of what was last written to it.</summary>
    public byte Content(int pfn)
    {
        ref Block block = ref _blocks[pfn >> Geometry.PmdOrder];
        return block.IsLarge && block.IsUniform ? block.UniformContent : _content[pfn];
    }

    /// <summary>What the pages of one folio hold, from its head on.</summary>
    public void CopyContent(int head, Span<byte> tags)
    {
        ref Block block = ref BlockOf(head);
        if (block.IsLarge && block.IsUniform)
        {
            tags.Fill(block.UniformContent);
        }
        else
        {
            _content.AsSpan(head, tags.Length).CopyTo(tags);
        }
    }

    /// <summary>Which subpages of an order-9 folio hold nothing but zeros.</summary>
    public Bits512 ZeroFilledPages(int head)
    {
        ref Block block = ref BlockOf(head);
        return !block.IsUniform ? Bits512.WhereEqual(_content.AsSpan(head, Geometry.PtesPerTable), ContentTag.Zero)
            : block.UniformContent == ContentTag.Zero ? Bits512.All : Bits512.None;
    }

    /// <summary>Stores the content tag of one page.</summary>
    public void SetContent(int pfn, byte content)
    {
        ref Block block = ref _blocks[pfn >> Geometry.PmdOrder];
        if (block.IsLarge && block.IsUniform)
        {
            if (block.UniformContent == content)
            {
                return;
            }

            _content.AsSpan(pfn & ~(Geometry.PtesPerTable - 1), Geometry.PtesPerTable).Fill(block.UniformContent);
            _content[pfn] = content;
            Volatile.Write(ref block.IsUniform, false); // last: the shrinker may be looking (DS-16)
            return;
        }

        _content[pfn] = content;
    }

    /// <summary>Stores one tag in 512 pages that follow each other; false (and nothing done) when they do not.</summary>
    public bool TryFillContent(ReadOnlySpan<int> pages, byte content)
    {
        int first = pages[0];
        if (!PageRuns.IsContiguous(pages) || IsLarge(first) || IsLarge(first + pages.Length - 1))
        {
            return false;
        }

        _content.AsSpan(first, pages.Length).Fill(content);
        return true;
    }

    /// <summary>Stores one tag in all subpages of an order-9 folio.</summary>
    public void SetUniformContent(int head, byte content)
    {
        ref Block block = ref BlockOf(head);
        block.UniformContent = content;
        Volatile.Write(ref block.IsUniform, true);
    }

    /// <summary>Before a folio is dissolved: writes a uniform content out to the single pages.</summary>
    internal void MaterialiseContent(int head)
    {
        ref Block block = ref BlockOf(head);
        if (block.IsUniform)
        {
            _content.AsSpan(head, Geometry.PtesPerTable).Fill(block.UniformContent);
            Volatile.Write(ref block.IsUniform, false);
        }
    }
}
