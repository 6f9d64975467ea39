namespace MmActors.Model.Memory;

/// <summary>Page content as one byte: 0 means every byte of the page is zero, anything else names what was written.
/// Enough for the zero tests of the kernel (DS-17) and for invariant 4.</summary>
/// <remarks>1…127 name any content; the top bit says that nothing but the page's first byte is nonzero, so that a zero
/// stored there makes the page zero-filled again. Two values that differ by 127 share a name.</remarks>
public static class ContentTag
{
    /// <summary>A zero-filled page.</summary>
    public const byte Zero = 0;

    private const byte OnlyFirstByte = 0x80;
    private const int Names = 127;

    /// <summary>The page after a memset.</summary>
    public static byte Filled(byte value) => value == 0 ? Zero : (byte)(((value - 1) % Names) + 1);

    /// <summary>The page after one byte was stored somewhere in it. A zero byte never makes a nonzero page zero-filled:
    /// what else it holds is not known.</summary>
    public static byte AfterStore(byte content, byte stored)
    {
        byte name = Filled(stored);
        if (content == Zero || stored == 0)
        {
            return content == Zero ? name : content;
        }

        return content == name ? content : Mixed(content, name);
    }

    /// <summary>The page after its first byte was stored.</summary>
    public static byte AfterFirstByte(byte content, byte stored)
    {
        bool onlyFirst = content == Zero || (content & OnlyFirstByte) != 0;
        return !onlyFirst ? AfterStore(content, stored)
            : stored == 0 ? Zero : (byte)(OnlyFirstByte | Filled(stored));
    }

    private static byte Mixed(byte content, byte name) => (byte)((((content * 31) + name) % Names) + 1);
}
