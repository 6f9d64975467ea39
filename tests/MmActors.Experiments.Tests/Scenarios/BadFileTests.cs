using System.Text;
using MmActors.Experiments.Scenarios;

namespace MmActors.Experiments.Tests.Scenarios;

public class BadFileTests
{
    private const string Shipped =
        "shipped: explore-races, explore-seed, hot-cold-hot, idle-desktop, lazyfree-blocks-reclaim, mixed-load, soak-server, underused-thp";

    [Fact]
    public void A_missing_file_suggests_shipped_names()
    {
        Expect("hot-cold", null, $"did you mean 'hot-cold-hot'? {Shipped}");
        Expect("./no/such/idle-desktop.yaml", null, "did you mean 'idle-desktop'?");
        Expect("", null, $"no such scenario; {Shipped}");
        Expect("a\0b", null, "no such scenario");
    }

    [Fact]
    public void A_directory_is_no_scenario() => Expect(Path.GetTempPath(), null, "is a directory; name one .yaml file in it");

    [Fact]
    public void An_empty_file_is_refused() => ExpectContent([], null, "is empty; a scenario starts with 'name: …'");

    [Fact]
    public void A_file_over_1_MiB_is_refused_unread()
    {
        using var file = new TemporaryFile("huge.yaml", []);
        using (var stream = File.OpenWrite(file.Path))
        {
            stream.SetLength(100L << 20);
        }

        Expect(file.Path, null, "is larger than 1 MiB, the limit for a configuration file");
    }

    [Fact]
    public void A_file_of_exactly_1_MiB_is_read() =>
        ExpectContent(Encoding.UTF8.GetBytes(new string(' ', 1 << 20)), null, "is empty");

    [Theory]
    [InlineData(new byte[] { (byte)'a', (byte)'\n', 0xFF, 0xFE }, 2, "is not UTF-8 text: byte 0xff")]
    [InlineData(new byte[] { (byte)'a', 0xE2, 0x82 }, 1, "is not UTF-8 text: byte 0xe2")]
    [InlineData(new byte[] { (byte)'a', (byte)'\n', (byte)'\n', 0 }, 3, "is not a text file: control character 0x00")]
    [InlineData(new byte[] { 0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1 }, 1, "is not a text file: control character 0x02")]
    public void Bytes_that_are_no_text_are_refused_at_their_line(byte[] content, int line, string message) =>
        ExpectContent(content, line, message);

    [Fact]
    public void A_byte_order_mark_and_windows_line_ends_are_fine()
    {
        var text = "\uFEFF" + Yaml.WithLines("memory: 1G").Replace("\n", "\r\n", StringComparison.Ordinal);
        using var file = new TemporaryFile("dos.yaml", text);
        Assert.Equal("dos", ScenarioLoader.Load(file.Path, ScenarioCatalog.Shipped).Name);
    }

    [Fact]
    public void An_unending_device_is_refused()
    {
        if (File.Exists("/dev/zero"))
        {
            Expect("/dev/zero", null, "is larger than 1 MiB");
        }
    }

    [Fact]
    public void A_file_without_read_permission_is_refused()
    {
        using var file = new TemporaryFile("secret.yaml", Yaml.WithLines());
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file.Path, UnixFileMode.None);
        }

        try
        {
            Assert.Equal("secret", ScenarioLoader.Load(file.Path, ScenarioCatalog.Shipped).Name); // root reads anything
        }
        catch (ScenarioException fault)
        {
            Assert.Contains("cannot be read", fault.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData('[', 32)]
    [InlineData('{', 32)]
    [InlineData('-', 16)]
    public void Deep_nesting_is_refused(char opening, int depth)
    {
        var text = "tasks: " + new string(opening, 200_000);
        var block = "tasks:\n" + string.Concat(Enumerable.Range(0, 400).Select(i => new string(' ', i) + "-\n"));
        var fault = Yaml.Refused(opening == '-' ? block : text);
        Assert.True(fault.Line >= 1, $"no line for {depth} levels");
    }

    [Fact]
    public void An_anchor_bomb_never_unfolds()
    {
        var text = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
        for (var i = 1; i < 30; i++)
        {
            text.Append($"a{i}: &a{i} [*a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}]\n");
        }

        var fault = Yaml.Refused(text.ToString());
        Assert.Equal(1, fault.Line);
        Assert.Contains("anchors (&) and aliases (*) are not supported", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Very_many_keys_are_refused_like_few()
    {
        var text = string.Concat(Enumerable.Range(0, 100_000).Select(i => $"k{i}: 1\n"));
        Assert.Contains("unknown key 'k0'", Yaml.Refused(text).Message, StringComparison.Ordinal);
    }

    private static void ExpectContent(byte[] content, int? line, string message)
    {
        using var file = new TemporaryFile("bad.yaml", content);
        Expect(file.Path, line, message);
    }

    private static void Expect(string path, int? line, string message)
    {
        var fault = Assert.Throws<ScenarioException>(() => ScenarioLoader.Load(path, ScenarioCatalog.Shipped));
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
        Assert.Equal((path, line), (fault.File, fault.Line));
    }
}
