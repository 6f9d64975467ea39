using System.Collections.Immutable;
using System.Text;
using MmActors.Model.Injection;

namespace MmActors.Experiments.Exploring;

/// <summary>The names of planted bugs, as command lines and replay files write them: <c>lost-redirty</c>.</summary>
public static class PlantedBugs
{
    /// <summary>Every name, without that of the intact protocol.</summary>
    public static ImmutableArray<string> Names { get; } = [.. All().Select(NameOf)];

    /// <summary>Every bug there is.</summary>
    public static IEnumerable<PlantedBug> All() => Enum.GetValues<PlantedBug>().Where(static bug => bug != PlantedBug.None);

    /// <summary>The bug of this name; the intact protocol for null; null for a name there is not.</summary>
    public static PlantedBug? Parse(string? name)
    {
        if (name is null)
        {
            return PlantedBug.None;
        }

        int index = Names.IndexOf(name);
        return index < 0 ? null : (PlantedBug)(index + 1);
    }

    /// <summary>The name of a bug.</summary>
    public static string NameOf(PlantedBug bug)
    {
        var name = new StringBuilder();
        foreach (char letter in bug.ToString())
        {
            if (char.IsAsciiLetterUpper(letter) && name.Length > 0)
            {
                name.Append('-');
            }

            name.Append(char.ToLowerInvariant(letter));
        }

        return name.ToString();
    }
}
