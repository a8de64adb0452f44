using System.Text;
using Trunkline.Client.Api;

namespace Trunkline.Server.Catalog;

/// <summary>Names of subjects and paths as parts of a document may be called: letters, digits, dots, hyphens and underscores; no two alike.</summary>
internal sealed class CatalogNames
{
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);

    /// <summary>The name of something; the same each time.</summary>
    /// <param name="text">What it is.</param>
    /// <param name="shown">What its name is made from; null for what it is.</param>
    public string Of(string text, string? shown = null)
    {
        if (_names.TryGetValue(text, out var known))
        {
            return known;
        }

        var name = new StringBuilder();
        foreach (var c in (shown ?? text).Trim('/'))
        {
            name.Append(char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' ? c : '-');
        }

        var free = name.Length == 0 ? "root" : name.ToString();
        for (var i = 2; !_taken.Add(free); i++)
        {
            free = $"{name}-{i}";
        }

        return _names[text] = free;
    }

    /// <summary>A person to ask, for descriptions.</summary>
    public static string? Contact(CatalogView view, string? owner) => owner is null ? null
        : view.Owners.FirstOrDefault(one => one.Name == owner) is { } known && (known.Email ?? known.Chat) is { } at ? $"{owner} ({at})" : owner;
}
