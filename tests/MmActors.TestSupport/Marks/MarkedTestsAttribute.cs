using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using MmActors.Model.Coverage;
using Xunit.Sdk;

namespace MmActors.TestSupport.Marks;

/// <summary>Writes down which test hit which coverage mark: a line "mark, tab, test" for each pair, at once, so that
/// nothing is lost when the process is ended. Compiled into every test project that runs the simulator.</summary>
[AttributeUsage(AttributeTargets.Assembly)]
internal sealed class MarkedTestsAttribute : BeforeAfterTestAttribute
{
    private static readonly AsyncLocal<Scope?> Current = new();
    private static readonly Scope Outside = new("outside any test");
    private static readonly Lock Writing = new();
    private static readonly StreamWriter Output = Open();

    public override void Before(MethodInfo methodUnderTest) =>
        Current.Value = new Scope($"{methodUnderTest.DeclaringType?.Name}.{methodUnderTest.Name}");

    public override void After(MethodInfo methodUnderTest) => Current.Value = null;

    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "Collection has to begin before the first test.")]
    internal static void Begin() => CoverageMarks.Collector = Record;

    private static void Record(string mark)
    {
        Scope scope = Current.Value ?? Outside;
        if (scope.IsFirst(mark))
        {
            lock (Writing)
            {
                Output.WriteLine($"{mark}\t{scope.Test}");
            }
        }
    }

    /// <summary>.ci/run names a folder per project; elsewhere the file lies beside the tests.</summary>
    private static StreamWriter Open()
    {
        string project = typeof(MarkedTestsAttribute).Assembly.GetName().Name!;
        string? results = Environment.GetEnvironmentVariable("MMACTORS_TEST_RESULTS");
        string folder = string.IsNullOrEmpty(results) ? AppContext.BaseDirectory : Path.Combine(results, project);
        Directory.CreateDirectory(folder);
        return new StreamWriter(Path.Combine(folder, $"{project}.marks")) { AutoFlush = true };
    }

    /// <summary>The marks of one test, or of one row of a theory.</summary>
    private sealed class Scope(string test)
    {
        private readonly ConcurrentDictionary<string, bool> _seen = new();

        public string Test => test;

        public bool IsFirst(string mark) => !_seen.ContainsKey(mark) && _seen.TryAdd(mark, true);
    }
}
