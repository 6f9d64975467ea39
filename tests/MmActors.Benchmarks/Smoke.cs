using System.Diagnostics;
using System.Reflection;
using BenchmarkDotNet.Attributes;

namespace MmActors.Benchmarks;

/// <summary>Runs the body of every benchmark once, without measuring: shows in seconds that all of them still work.</summary>
internal static class Smoke
{
    /// <summary>Exit code 0 when every body ran, 1 when one failed.</summary>
    public static int Run()
    {
        var clock = Stopwatch.StartNew();
        int bodies = 0;
        int failures = 0;
        foreach (Type type in typeof(Smoke).Assembly.GetTypes().OrderBy(static type => type.Name, StringComparer.Ordinal))
        {
            foreach (MethodInfo body in With<BenchmarkAttribute>(type))
            {
                bodies++;
                failures += RunBody(type, body) ? 0 : 1;
            }
        }

        Console.WriteLine($"{bodies} benchmark bodies, {failures} failed, {clock.Elapsed.TotalSeconds:F1} s");
        return failures == 0 ? 0 : 1;
    }

    private static bool RunBody(Type type, MethodInfo body)
    {
        string name = $"{type.Name}.{body.Name}";
        try
        {
            object instance = Activator.CreateInstance(type)!;
            SetFirstParameters(instance);
            Call<GlobalSetupAttribute>(instance);
            Call<IterationSetupAttribute>(instance);
            object? result = body.Invoke(instance, null);
            Call<IterationCleanupAttribute>(instance);
            Call<GlobalCleanupAttribute>(instance);
            Console.WriteLine($"ok      {name}: {result}");
            return true;
        }
        catch (TargetInvocationException failure)
        {
            Console.WriteLine($"FAILED  {name}: {failure.InnerException}");
            return false;
        }
    }

    private static IEnumerable<MethodInfo> With<TAttribute>(Type type) where TAttribute : Attribute =>
        type.GetMethods().Where(static method => method.IsDefined(typeof(TAttribute), inherit: true))
            .OrderBy(static method => method.Name, StringComparer.Ordinal);

    private static void Call<TAttribute>(object instance) where TAttribute : Attribute
    {
        foreach (MethodInfo method in With<TAttribute>(instance.GetType()))
        {
            method.Invoke(instance, null);
        }
    }

    private static void SetFirstParameters(object instance)
    {
        foreach (PropertyInfo property in instance.GetType().GetProperties())
        {
            if (property.GetCustomAttribute<ParamsAttribute>() is { Values: [var first, ..] })
            {
                property.SetValue(instance, first);
            }
        }
    }
}
