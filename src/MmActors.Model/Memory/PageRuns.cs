using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace MmActors.Model.Memory;

/// <summary>Detects pages that follow each other, which is what a fresh populate gives and what the vector paths need.</summary>
public static class PageRuns
{
    /// <summary>Fills the buffer with a page and those that follow it. The length must be a multiple of 16.</summary>
    public static void Fill(Span<int> pages, int first)
    {
        Vector512<int> run = Vector512.Create(first) + Vector512<int>.Indices;
        foreach (ref Vector512<int> vector in MemoryMarshal.Cast<int, Vector512<int>>(pages))
        {
            vector = run;
            run += Vector512.Create(Vector512<int>.Count);
        }
    }

    /// <summary>Whether page i is the first page + i, for every i. The length must be a multiple of 16.</summary>
    public static bool IsContiguous(ReadOnlySpan<int> pages)
    {
        Vector512<int> expected = Vector512.Create(pages[0]) + Vector512<int>.Indices;
        ReadOnlySpan<Vector512<int>> vectors = MemoryMarshal.Cast<int, Vector512<int>>(pages);
        Vector512<int> difference = Vector512<int>.Zero;
        foreach (ref readonly Vector512<int> vector in vectors)
        {
            difference |= vector ^ expected;
            expected += Vector512.Create(Vector512<int>.Count);
        }

        return difference == Vector512<int>.Zero;
    }
}
