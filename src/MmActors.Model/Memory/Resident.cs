namespace MmActors.Model.Memory;

/// <summary>The system gives memory to an array page by page, when each is first written to: an array over all pages of a large
/// machine goes on growing for as long as there are simulated pages that were never used.</summary>
internal static class Resident
{
    private const int HostPage = 4096;

    /// <summary>Writes to every page of the array what it holds, so that it grows no more. Only while nothing else writes to it.
    /// </summary>
    /// <remarks>Element by element: the bytes of an array over a terabyte's pages are more than a span can count.</remarks>
    public static unsafe void Make<T>(T[] array)
        where T : unmanaged
    {
        int step = Math.Max(1, HostPage / sizeof(T));
        fixed (T* first = array)
        {
            for (long index = 0; index < array.Length; index += step)
            {
                byte* at = (byte*)(first + index);
                Volatile.Write(ref *at, *at);
            }
        }
    }
}
