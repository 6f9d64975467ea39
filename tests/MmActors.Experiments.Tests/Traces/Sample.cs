using System.IO.Compression;
using System.Text;
using MmActors.Experiments.Scenarios;
using MmActors.Experiments.Traces;

namespace MmActors.Experiments.Tests.Traces;

/// <summary>Traces of real kernels, and text that is read as one.</summary>
internal static class Sample
{
    public const string ScanPmd = "mm_khugepaged_scan_pmd: mm=ff110000009f5c80, scan_pfn=0x7ff48, writable=1, "
        + "referenced=512, none_or_zero=0, status=succeeded, unmapped=0, addr=0x7fffefe00000, looked=512, pid=48";

    private const string Columns = "      khugepaged-30      [001] .....     2.524860: ";

    public static string Path(string file) => System.IO.Path.Combine(AppContext.BaseDirectory, "Traces", "Samples", file);

    public static TraceFile Trace(string name) => TraceFile.Read(Path(name + ".txt.gz"));

    public static Scenario Scenario(string name) => ScenarioLoader.Load(Path(name + ".yaml"), ScenarioCatalog.Shipped);

    public static string Text(string name)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(Path(name + ".txt.gz")), CompressionMode.Decompress));
        return reader.ReadToEnd();
    }

    /// <summary>An event of khugepaged on a line of its own.</summary>
    public static string Line(string payload) => Columns + payload + "\n";

    public static TraceFile Read(string text) => Read(Encoding.UTF8.GetBytes(text));

    public static TraceFile Read(byte[] bytes) => TraceFile.Read(new MemoryStream(bytes), "t.txt");

    /// <summary>The only record of one line.</summary>
    public static T Only<T>(string line)
        where T : TraceRecord => Assert.IsType<T>(Assert.Single(Read(line + "\n").Records));

    public static ScenarioException Refused(string text) => Assert.Throws<ScenarioException>(() => Read(text));
}
