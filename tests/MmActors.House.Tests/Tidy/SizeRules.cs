using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using MmActors.House.Tests.Repository;

namespace MmActors.House.Tests.Tidy;

/// <summary>A file is read in one sitting, a function fits a screen.</summary>
internal static class SizeRules
{
    /// <summary>Most lines of a file.</summary>
    public const int FileLines = 400;

    /// <summary>Most lines of a body, its braces included.</summary>
    public const int BodyLines = 70;

    /// <summary>Files that are too long.</summary>
    public static IEnumerable<Finding> LongFile(SourceFile file)
    {
        var lines = file.Text.TrimEnd('\n').Split('\n').Length;
        return lines > FileLines ? [new Finding(file.Path, FileLines, $"{lines} lines, at most {FileLines}")] : [];
    }

    /// <summary>Bodies that are too long: of methods, constructors, operators, accessors, local functions, and the
    /// top-level statements of a program.</summary>
    public static IEnumerable<Finding> LongBody(SourceFile file)
    {
        foreach (var node in file.Unit.DescendantNodes())
        {
            SyntaxNode? body = node switch
            {
                BaseMethodDeclarationSyntax method => (SyntaxNode?)method.Body ?? method.ExpressionBody,
                AccessorDeclarationSyntax accessor => (SyntaxNode?)accessor.Body ?? accessor.ExpressionBody,
                LocalFunctionStatementSyntax local => (SyntaxNode?)local.Body ?? local.ExpressionBody,
                PropertyDeclarationSyntax property => property.ExpressionBody,
                _ => null,
            };
            if (body is not null && Lines(body) > BodyLines)
            {
                yield return file.At(node, $"{Lines(body)} lines in one body, at most {BodyLines}");
            }
        }

        var topLevel = file.Unit.Members.OfType<GlobalStatementSyntax>().Sum(Lines);
        if (topLevel > BodyLines)
        {
            yield return new Finding(file.Path, 1, $"{topLevel} lines of top-level statements, at most {BodyLines}");
        }
    }

    private static int Lines(SyntaxNode node)
    {
        var span = node.GetLocation().GetLineSpan();
        return span.EndLinePosition.Line - span.StartLinePosition.Line + 1;
    }
}
