namespace MmActors.Model.Memory;

/// <summary>Page content as one byte: 0 means every byte of the page is zero, anything else names what was written.
/// Enough for the zero tests of the kernel (DS-17) and for invariant 4.</summary>
public static class ContentTag
{
    /// <summary>A zero-filled page.</summary>
    public const byte Zero = 0;

    /// <summary>The page after one byte was stored in it. Storing a zero byte never makes a nonzero page zero-filled:
    /// only a memset does.</summary>
    public static byte AfterStore(byte content, byte stored)
    {
        if (content == Zero || stored == 0 || content == stored)
        {
            return content == Zero ? stored : content;
        }

        return (byte)((((content * 31) + stored) % 255) + 1);
    }
}
