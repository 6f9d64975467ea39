using System.Text;

namespace MmActors.Experiments.Html;

/// <summary>HTML as text: everything that comes from a scenario or a result is escaped here.</summary>
internal sealed class Markup
{
    private readonly StringBuilder _text = new();

    /// <summary>Text as it may stand between tags and in attributes.</summary>
    public static string Escape(string text) => text
        .Replace("&", "&amp;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal)
        .Replace(">", "&gt;", StringComparison.Ordinal)
        .Replace("\"", "&quot;", StringComparison.Ordinal);

    /// <summary>Adds markup as it is, and a line feed.</summary>
    public Markup Raw(string markup)
    {
        _text.Append(markup).Append('\n');
        return this;
    }

    /// <summary>Adds an element with text in it.</summary>
    /// <param name="tag">The element, with attributes.</param>
    /// <param name="text">Its text.</param>
    public Markup Element(string tag, string text) => Raw($"<{tag}>{Escape(text)}</{tag.Split(' ')[0]}>");

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();
}
