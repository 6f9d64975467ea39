using System.Runtime.InteropServices;

namespace MmActors.Model.Memory;

/// <summary>The system gives memory to an array page by page, when each is first written to: an array over all pages of a large
/// machine goes on growing for as long as there are simulated pages that were never used.</summary>
internal static class Resident
{
    private const int HostPage = 4096;

    /// <summary>Writes to every page of the array what it holds, so that it grows no more. Only while nothing else writes to it.
    /// </summary>
    public static void Make<T>(T[] array)
        where T : unmanaged
    {
        Span<byte> bytes = MemoryMarshal.AsBytes(array.AsSpan());
        for (int index = 0; index < bytes.Length; index += HostPage)
        {
            Volatile.Write(ref bytes[index], bytes[index]);
        }
    }
}
