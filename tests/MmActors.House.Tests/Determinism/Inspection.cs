using System.Collections.Immutable;
using System.Reflection;
using System.Xml.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;
using MmActors.House.Tests.Repository;

namespace MmActors.House.Tests.Determinism;

/// <summary>Compiles product sources or a snippet with full type information and runs an analyzer over them.</summary>
internal static class Inspection
{
    private const string ImplicitUsings = """
        global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq;
        global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;

        """;

    private static readonly CSharpCompilationOptions Options =
        new(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable);

    /// <summary>The framework, Akka and everything else the tests load; of our own assemblies none, they come as source.</summary>
    private static readonly ImmutableArray<MetadataReference> References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => !Path.GetFileName(path).StartsWith("MmActors.", StringComparison.Ordinal))
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    /// <summary>Shared by all compilations, so that the references are bound once.</summary>
    private static readonly CSharpCompilation Empty = CSharpCompilation.Create("Inspected", [], References, Options);

    /// <summary>The sources of the named projects in src/, as one compilation.</summary>
    public static Compilation Compile(params string[] projects)
    {
        var sources = HouseTree.Sources.Where(file => projects.Any(p => file.Path.StartsWith($"src/{p}/", StringComparison.Ordinal)));
        var usings = projects.SelectMany(DeclaredUsings).Distinct(StringComparer.Ordinal);
        return Create(
            ImplicitUsings + string.Concat(usings),
            sources.Select(file => CSharpSyntaxTree.ParseText(file.Text, SourceFile.ParseOptions, file.Path)));
    }

    /// <summary>A method body, with Akka and the usual namespaces in scope, inside an actor.</summary>
    public static Compilation CompileSnippet(string body) => Create(
        ImplicitUsings,
        [
            CSharpSyntaxTree.ParseText(
                $$"""
                using System.Collections.Concurrent; using System.Collections.Frozen; using System.Collections.Immutable;
                using System.Diagnostics; using System.Runtime.CompilerServices; using Akka.Actor;
                internal sealed class Snippet : ReceiveActor
                {
                    public static void Use(params object?[] anything) { }
                    public void Run(Dictionary<string, int> map, HashSet<string> set, IActorRef other)
                    {
                        {{body}}
                    }
                }
                """,
                SourceFile.ParseOptions, "Snippet.cs"),
        ]);

    /// <summary>The compiler's own errors: none, else what an analyzer sees is not to be trusted.</summary>
    public static IEnumerable<string> Errors(Compilation compilation) =>
        compilation.GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error).Select(d => d.ToString());

    /// <summary>What our own analyzer finds.</summary>
    public static IReadOnlyList<Diagnostic> HashOrder(Compilation compilation) => Analyze(compilation, new HashOrderAnalyzer());

    /// <summary>What the package's analyzer finds with the repository's own lists of banned symbols.</summary>
    public static IReadOnlyList<Diagnostic> Banned(Compilation compilation, params string[] lists)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "analyzers");
        var assembly = Assembly.LoadFrom(Path.Combine(folder, "Microsoft.CodeAnalysis.CSharp.BannedApiAnalyzers.dll"));
        var type = assembly.GetType("Microsoft.CodeAnalysis.CSharp.BannedApiAnalyzers.CSharpSymbolIsBannedAnalyzer", throwOnError: true)!;
        return Analyze(
            compilation, (DiagnosticAnalyzer)Activator.CreateInstance(type)!,
            [.. lists.Select(list => (AdditionalText)new RepositoryText(list))]);
    }

    private static IReadOnlyList<Diagnostic> Analyze(
        Compilation compilation, DiagnosticAnalyzer analyzer, ImmutableArray<AdditionalText> texts = default)
    {
        var options = new CompilationWithAnalyzersOptions(
            new AnalyzerOptions(texts.IsDefault ? [] : texts),
            onAnalyzerException: (exception, _, _) => throw new InvalidOperationException("analyzer failed", exception),
            concurrentAnalysis: true, logAnalyzerExecutionTime: false);
        return compilation.WithAnalyzers([analyzer], options).GetAnalyzerDiagnosticsAsync().GetAwaiter().GetResult();
    }

    private static CSharpCompilation Create(string usings, IEnumerable<SyntaxTree> trees) =>
        Empty.AddSyntaxTrees(trees.Prepend(CSharpSyntaxTree.ParseText(usings, SourceFile.ParseOptions)));

    private static IEnumerable<string> DeclaredUsings(string project) =>
        XDocument.Parse(HouseTree.Read($"src/{project}/{project}.csproj")).Descendants("Using")
            .Select(use => $"global using {(use.Attribute("Static") is null ? "" : "static ")}{(string?)use.Attribute("Include")};\n");

    private sealed class RepositoryText(string path) : AdditionalText
    {
        public override string Path { get; } = path;

        public override SourceText GetText(CancellationToken cancellationToken = default) => SourceText.From(HouseTree.Read(Path));
    }
}
