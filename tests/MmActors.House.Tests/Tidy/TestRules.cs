using Microsoft.CodeAnalysis.CSharp.Syntax;
using MmActors.House.Tests.Repository;

namespace MmActors.House.Tests.Tidy;

/// <summary>Every test runs, and every test can fail.</summary>
internal static class TestRules
{
    private static readonly string[] Assertions = ["Assert", "Expect", "Verify", "Check", "Require", "Sample"];

    /// <summary>Tests switched off by their attribute.</summary>
    public static IEnumerable<Finding> Skipped(SourceFile file) =>
        from test in Tests(file)
        from attribute in test.AttributeLists.SelectMany(list => list.Attributes)
        where attribute.ArgumentList?.Arguments.Any(a => a.NameEquals?.Name.Identifier.Text.StartsWith("Skip", StringComparison.Ordinal) == true) == true
        select file.At(attribute, $"{test.Identifier.Text} is skipped");

    /// <summary>Tests that call nothing whose name, or whose class, begins with Assert, Expect, Verify, Check, Require
    /// or CsCheck's Sample.</summary>
    public static IEnumerable<Finding> WithoutAssertion(SourceFile file) =>
        Tests(file).Where(test => !test.DescendantNodes().OfType<InvocationExpressionSyntax>().Any(IsAssertion))
            .Select(test => file.At(test, $"{test.Identifier.Text} asserts nothing"));

    private static IEnumerable<MethodDeclarationSyntax> Tests(SourceFile file) =>
        file.Unit.DescendantNodes().OfType<MethodDeclarationSyntax>().Where(method => method.AttributeLists
            .SelectMany(list => list.Attributes)
            .Any(a => a.Name.ToString().Split('.')[^1] is "Fact" or "Theory" or "FactAttribute" or "TheoryAttribute"));

    private static bool IsAssertion(InvocationExpressionSyntax call) =>
        call.Expression.DescendantNodesAndSelf().OfType<SimpleNameSyntax>()
            .Where(name => name.FirstAncestorOrSelf<ArgumentListSyntax>() is not { } list || !call.Expression.Contains(list))
            .Any(name => Assertions.Any(a => name.Identifier.Text.StartsWith(a, StringComparison.Ordinal)));
}
