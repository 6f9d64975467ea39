using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace MmActors.House.Tests.Determinism;

/// <summary>Finds code whose result depends on the order in which a hash container hands out its elements: foreach,
/// spread, LINQ or any other use as a sequence. With string keys that order differs in every process. Uses that cannot
/// see the order (Count, Order, set operations, …) pass; a justified exception says
/// <c>#pragma warning disable MMHASH</c> with its reason.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class HashOrderAnalyzer : DiagnosticAnalyzer
{
    /// <summary>Identity of the diagnostic, as named in a pragma.</summary>
    public const string Id = "MMHASH";

    private static readonly DiagnosticDescriptor Rule = new(
        Id, "Enumeration in hash order", "'{0}' hands out its elements in hash order", "Determinism",
        DiagnosticSeverity.Warning, isEnabledByDefault: true);

    private static readonly string[] HashContainers =
    [
        "System.Collections.Generic.Dictionary<TKey, TValue>", "System.Collections.Generic.HashSet<T>",
        "System.Collections.Generic.IDictionary<TKey, TValue>", "System.Collections.Generic.ISet<T>",
        "System.Collections.Generic.IReadOnlyDictionary<TKey, TValue>", "System.Collections.Generic.IReadOnlySet<T>",
        "System.Collections.Concurrent.ConcurrentDictionary<TKey, TValue>",
        "System.Collections.Immutable.ImmutableDictionary<TKey, TValue>",
        "System.Collections.Immutable.IImmutableDictionary<TKey, TValue>",
        "System.Collections.Immutable.ImmutableHashSet<T>", "System.Collections.Immutable.IImmutableSet<T>",
        "System.Collections.Frozen.FrozenDictionary<TKey, TValue>", "System.Collections.Frozen.FrozenSet<T>",
        "System.Collections.Hashtable",
    ];

    private static readonly string[] OrderBlind =
    [
        "All", "Any", "Contains", "Count", "LongCount", "Max", "Min", "Order", "OrderDescending",
        "ToDictionary", "ToFrozenDictionary", "ToFrozenSet", "ToHashSet", "ToImmutableDictionary",
        "ToImmutableHashSet", "ToImmutableSortedDictionary", "ToImmutableSortedSet",
    ];

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Rule];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterOperationAction(OnLoop, OperationKind.Loop);
        context.RegisterOperationAction(OnSpread, OperationKind.Spread);
        context.RegisterOperationAction(OnConversion, OperationKind.Conversion);
        context.RegisterOperationAction(OnInvocation, OperationKind.Invocation);
    }

    private static void OnLoop(OperationAnalysisContext context)
    {
        if (context.Operation is IForEachLoopOperation loop)
        {
            Report(context, Unconverted(loop.Collection));
        }
    }

    private static void OnSpread(OperationAnalysisContext context) =>
        Report(context, Unconverted(((ISpreadOperation)context.Operation).Operand));

    private static void OnConversion(OperationAnalysisContext context)
    {
        var conversion = (IConversionOperation)context.Operation;
        var handled = conversion.Parent is IForEachLoopOperation or ISpreadOperation;
        if (!handled && IsSequence(conversion.Type) && !IsOrderBlind(conversion))
        {
            Report(context, Unconverted(conversion.Operand));
        }
    }

    private static void OnInvocation(OperationAnalysisContext context)
    {
        var call = (IInvocationOperation)context.Operation;
        if (call is { TargetMethod.Name: "GetEnumerator" or "CopyTo", Instance: { } instance })
        {
            Report(context, Unconverted(instance));
        }
        else if (call.TargetMethod is { IsExtensionMethod: true } && !IsOrderBlindMethod(call.TargetMethod))
        {
            // An extension generic over the container itself takes it without a conversion.
            var receiver = call.Arguments.FirstOrDefault()?.Value;
            if (receiver is not null and not IConversionOperation && ReturnsSequence(call.TargetMethod))
            {
                Report(context, receiver);
            }
        }
    }

    private static void Report(OperationAnalysisContext context, IOperation source)
    {
        if (source.Type is { } type && IsHashContainer(type))
        {
            context.ReportDiagnostic(Diagnostic.Create(
                Rule, source.Syntax.GetLocation(), type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat)));
        }
    }

    private static IOperation Unconverted(IOperation operation) =>
        operation is IConversionOperation { OperatorMethod: null } conversion ? Unconverted(conversion.Operand) : operation;

    private static bool IsHashContainer(ITypeSymbol type)
    {
        for (var current = type; current is not null; current = current.BaseType)
        {
            var name = current.OriginalDefinition.ToDisplayString();
            if (HashContainers.Contains(name) || IsViewOfHashContainer(current))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Dictionary.KeyCollection and its like.</summary>
    private static bool IsViewOfHashContainer(ITypeSymbol type) =>
        type is { Name: "KeyCollection" or "ValueCollection", ContainingType: { } owner }
        && HashContainers.Contains(owner.OriginalDefinition.ToDisplayString());

    /// <summary>The interfaces through which a container is used as a sequence rather than looked up.</summary>
    private static bool IsSequence(ITypeSymbol? type) =>
        type is { TypeKind: TypeKind.Interface }
        && type.Name is "IEnumerable" or "ICollection" or "IReadOnlyCollection";

    private static bool ReturnsSequence(IMethodSymbol method) =>
        method.ReturnType.AllInterfaces.Append(method.ReturnType as INamedTypeSymbol).Any(IsSequence);

    private static bool IsOrderBlind(IOperation conversion) => conversion.Parent switch
    {
        IArgumentOperation { Parent: IInvocationOperation call } =>
            IsOrderBlindMethod(call.TargetMethod) || IsHashContainer(call.TargetMethod.ContainingType),
        IArgumentOperation { Parent: IObjectCreationOperation creation } =>
            creation.Type is { } created && (IsHashContainer(created) || created.Name.StartsWith("Sorted", StringComparison.Ordinal)),
        IInvocationOperation => true, // OnInvocation judges the call by its name
        IPropertyReferenceOperation property => property.Property.Name is "Count" or "Length",
        _ => false,
    };

    private static bool IsOrderBlindMethod(IMethodSymbol method) =>
        OrderBlind.Contains(method.Name)
        && (method.ContainingType.Name is "Enumerable" || method.ContainingNamespace.ToDisplayString()
            is "System.Collections.Immutable" or "System.Collections.Frozen");
}
