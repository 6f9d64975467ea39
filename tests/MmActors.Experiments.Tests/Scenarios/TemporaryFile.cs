namespace MmActors.Experiments.Tests.Scenarios;

/// <summary>A file in a directory of its own, both gone at the end of the test.</summary>
internal sealed class TemporaryFile : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("mmactors");

    public TemporaryFile(string name, string text)
        : this(name, System.Text.Encoding.UTF8.GetBytes(text))
    {
    }

    public TemporaryFile(string name, byte[] content)
    {
        Path = System.IO.Path.Combine(_directory.FullName, name);
        File.WriteAllBytes(Path, content);
    }

    public string Path { get; }

    public void Dispose() => _directory.Delete(recursive: true);
}
