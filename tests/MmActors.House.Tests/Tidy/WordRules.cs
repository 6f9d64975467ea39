using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using MmActors.House.Tests.Repository;

namespace MmActors.House.Tests.Tidy;

/// <summary>No promise of later work, no comment that says what the name already says.</summary>
internal static partial class WordRules
{
    private static readonly string[] Fillers =
    [
        "a", "an", "and", "are", "as", "be", "by", "class", "constructor", "creates", "current", "enum", "field", "for",
        "from", "get", "gets", "given", "in", "initializes", "instance", "interface", "is", "it", "its", "method", "new",
        "object", "of", "on", "or", "property", "record", "represents", "return", "returns", "set", "sets", "specified",
        "struct", "that", "the", "this", "to", "type", "value", "with",
    ];

    // Written apart so that this file does not find itself.
    private static readonly Regex Unfinished = new(
        @"\b(" + "TO" + "DO|TB" + "D|FIX" + "ME|XX" + "X|HA" + "CK|NotImplemented" + @"Exception)\b");

    /// <summary>Markers of unfinished work anywhere in a text file.</summary>
    public static IEnumerable<Finding> UnfinishedWork(string path, string text)
    {
        var lines = text.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            if (Unfinished.Match(lines[i]) is { Success: true } match)
            {
                yield return new Finding(path, i + 1, $"unfinished: {match.Value}");
            }
        }
    }

    /// <summary>Summaries that are empty, or made of nothing but the words of the member's name and fillers. A summary
    /// that quotes something, by &lt;c&gt; or a reference, says more than its name.</summary>
    public static IEnumerable<Finding> RestatedName(SourceFile file)
    {
        foreach (var summary in file.Unit.DescendantNodes(descendIntoTrivia: true).OfType<XmlElementSyntax>())
        {
            if (summary.StartTag.Name.LocalName.Text != "summary" || NameOf(summary) is not { } name)
            {
                continue;
            }

            var quotes = summary.Content.Any(part => part is not XmlTextSyntax);
            var said = Words(string.Concat(summary.Content.OfType<XmlTextSyntax>().SelectMany(t => t.TextTokens).Select(t => t.Text + " ")));
            var known = Words(name).Concat(Fillers.Select(Stem)).ToHashSet(StringComparer.Ordinal);
            if (!quotes && said.All(known.Contains))
            {
                yield return file.At(summary, $"the summary of {name} says no more than its name");
            }
        }
    }

    private static string? NameOf(XmlElementSyntax summary) =>
        summary.FirstAncestorOrSelf<DocumentationCommentTriviaSyntax>()?.ParentTrivia.Token.Parent?
            .FirstAncestorOrSelf<MemberDeclarationSyntax>() switch
        {
            BaseTypeDeclarationSyntax type => type.Identifier.Text,
            DelegateDeclarationSyntax type => type.Identifier.Text,
            MethodDeclarationSyntax method => method.Identifier.Text,
            ConstructorDeclarationSyntax constructor => constructor.Identifier.Text,
            PropertyDeclarationSyntax property => property.Identifier.Text,
            EventDeclarationSyntax declaration => declaration.Identifier.Text,
            EnumMemberDeclarationSyntax value => value.Identifier.Text,
            BaseFieldDeclarationSyntax field => field.Declaration.Variables[0].Identifier.Text,
            _ => null,
        };

    private static IEnumerable<string> Words(string text) =>
        WordPattern().Matches(text).Select(match => Stem(match.Value.ToLowerInvariant()));

    /// <summary>Cuts the commonest endings, so that "Maps pages" restates MapPage and MappedPages.</summary>
    private static string Stem(string word)
    {
        foreach (var ending in new[] { "ing", "ed", "es", "s", "e" })
        {
            if (word.Length > ending.Length + 2 && word.EndsWith(ending, StringComparison.Ordinal))
            {
                return word[..^ending.Length];
            }
        }

        return word;
    }

    [GeneratedRegex("[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")]
    private static partial Regex WordPattern();
}
