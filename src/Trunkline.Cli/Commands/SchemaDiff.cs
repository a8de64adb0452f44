using System.Text.Json;

namespace Trunkline.Cli.Commands;

/// <summary>What is different between two versions.</summary>
/// <param name="Subject">The subject.</param>
/// <param name="From">The older version.</param>
/// <param name="To">The newer version.</param>
/// <param name="Changes">Place by place.</param>
internal sealed record SchemaDiffDocument(string Subject, int From, int To, IReadOnlyList<SchemaChange> Changes);

/// <summary>One place that is different.</summary>
/// <param name="At">The place; parts of a list by their name where they have one.</param>
/// <param name="From">What was there; null if nothing.</param>
/// <param name="To">What is there; null if nothing.</param>
internal sealed record SchemaChange(string At, string? From, string? To);

/// <summary>Differences between two schema texts, place by place.</summary>
internal static class SchemaDiff
{
    private static readonly JsonDocumentOptions s_deep = new() { MaxDepth = 1000 };

    /// <summary>The differences.</summary>
    public static IReadOnlyList<SchemaChange> Of(string older, string newer)
    {
        using var before = JsonDocument.Parse(older, s_deep);
        using var after = JsonDocument.Parse(newer, s_deep);
        var changes = new List<SchemaChange>();
        Compare(before.RootElement, after.RootElement, "", changes);
        return changes;
    }

    private static void Compare(JsonElement older, JsonElement newer, string at, List<SchemaChange> changes)
    {
        if (Parts(older) is not { } before || Parts(newer) is not { } after || older.ValueKind != newer.ValueKind)
        {
            if (!JsonElement.DeepEquals(older, newer))
            {
                changes.Add(new(at.Length == 0 ? "/" : at, older.GetRawText(), newer.GetRawText()));
            }

            return;
        }

        foreach (var (name, value) in before)
        {
            if (after.TryGetValue(name, out var other))
            {
                Compare(value, other, $"{at}/{name}", changes);
            }
            else
            {
                changes.Add(new($"{at}/{name}", value.GetRawText(), null));
            }
        }

        changes.AddRange(after.Where(part => !before.ContainsKey(part.Key)).Select(part => new SchemaChange($"{at}/{part.Key}", null, part.Value.GetRawText())));
    }

    /// <summary>The parts of an object or list by name; null for other values. An item that has a name is known by it, so that a new one before it changes nothing.</summary>
    private static Dictionary<string, JsonElement>? Parts(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Object)
        {
            return element.EnumerateObject().ToDictionary(part => part.Name, part => part.Value, StringComparer.Ordinal);
        }

        if (element.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        var parts = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var item in element.EnumerateArray())
        {
            var name = item.ValueKind == JsonValueKind.Object && item.TryGetProperty("name", out var own) && own.ValueKind == JsonValueKind.String ? own.GetString()!
                : item.ValueKind == JsonValueKind.String ? item.GetString()!
                : parts.Count.ToString(System.Globalization.CultureInfo.InvariantCulture);
            parts.TryAdd(name, item);
        }

        return parts;
    }
}
