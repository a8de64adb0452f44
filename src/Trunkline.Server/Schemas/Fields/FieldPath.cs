namespace Trunkline.Server.Schemas.Fields;

/// <summary>
/// Places of fields in messages, the same for all formats: names joined by dots, <c>*</c> for every item of a list or value of a map
/// (<c>order.lines.*.sku</c>); empty for the whole. A dot or star of a name itself is written after a backslash.
/// </summary>
internal static class FieldPath
{
    /// <summary>Every item of a list, or value of a map.</summary>
    public const string Each = "*";

    /// <summary>The place of a member.</summary>
    public static string Member(string parent, string name) => Join(
        parent,
        name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(".", "\\.", StringComparison.Ordinal) is var escaped && escaped == Each ? "\\*" : escaped);

    /// <summary>The place of the items of a list or the values of a map.</summary>
    public static string Items(string parent) => Join(parent, Each);

    /// <summary>The place something is in; null for the whole, which is in nothing.</summary>
    public static string? Parent(string path)
    {
        if (path.Length == 0)
        {
            return null;
        }

        for (var at = path.Length - 1; at > 0; at--)
        {
            if (path[at] == '.' && !IsEscaped(path, at))
            {
                return path[..at];
            }
        }

        return "";
    }

    /// <summary>True if one place is the other, or in it.</summary>
    public static bool IsIn(string path, string other) =>
        other.Length == 0 || path == other || (path.StartsWith(other, StringComparison.Ordinal) && path[other.Length] == '.');

    private static string Join(string parent, string part) => parent.Length == 0 ? part : $"{parent}.{part}";

    private static bool IsEscaped(string path, int at)
    {
        var before = at;
        while (before > 0 && path[before - 1] == '\\')
        {
            before--;
        }

        return (at - before) % 2 == 1;
    }
}
