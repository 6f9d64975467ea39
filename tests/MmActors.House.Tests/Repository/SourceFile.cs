using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MmActors.House.Tests.Repository;

/// <summary>One C# source: its path relative to the root, its text, and its syntax, parsed at first use.</summary>
internal sealed class SourceFile(string path, string text)
{
    private readonly Lazy<CompilationUnitSyntax> _unit = new(() =>
        CSharpSyntaxTree.ParseText(text, ParseOptions, path).GetCompilationUnitRoot());

    /// <summary>Latest language, with doc comments parsed as such.</summary>
    public static CSharpParseOptions ParseOptions { get; } =
        new(LanguageVersion.Latest, DocumentationMode.Parse);

    /// <summary>Path relative to the root, with forward slashes.</summary>
    public string Path { get; } = path;

    /// <summary>The whole text.</summary>
    public string Text { get; } = text;

    /// <summary>Root of the syntax tree.</summary>
    public CompilationUnitSyntax Unit => _unit.Value;

    /// <summary>A finding in this file at a node.</summary>
    public Finding At(SyntaxNode node, string message) => At(node.GetLocation(), message);

    /// <summary>A finding in this file at a location.</summary>
    public Finding At(Location location, string message) =>
        new(Path, location.GetLineSpan().StartLinePosition.Line + 1, message);
}
