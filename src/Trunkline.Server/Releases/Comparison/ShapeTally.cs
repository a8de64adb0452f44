using Trunkline.Client.Api;
using Trunkline.Server.Releases.Comparison.Statistics;

namespace Trunkline.Server.Releases.Comparison;

/// <summary>Counts in how many messages a field came, went or changed its type, message by message. Not thread-safe.</summary>
internal sealed class ShapeTally
{
    private readonly Dictionary<(string Kind, string Path, string Detail), PairedCount> _counts = [];

    /// <summary>Compares the shape of one message.</summary>
    public void Add(FieldTriple fields)
    {
        var noise = Differences(fields.Before, fields.Again);
        var candidate = Differences(fields.Before, fields.After);
        if (noise.Count == 0 && candidate.Count == 0)
        {
            return;
        }

        foreach (var difference in noise.Union(candidate))
        {
            if (!_counts.TryGetValue(difference, out var count) && _counts.Count < FieldPaths.FieldsMax)
            {
                _counts.Add(difference, count = new PairedCount());
            }

            count?.Add(noise.Contains(difference), candidate.Contains(difference));
        }
    }

    /// <summary>Asks for the verdicts.</summary>
    public void Ask(Evidence evidence, Action<ShapeDiffView> add)
    {
        var told = _counts.Where(c => c.Value.Candidate > 0).OrderByDescending(c => c.Value.Candidate).ThenBy(c => c.Key.Path, StringComparer.Ordinal);
        foreach (var ((kind, path, detail), count) in told)
        {
            evidence.Ask(count, (verdict, _) => add(new ShapeDiffView(kind, path, count.Candidate, verdict, detail)));
        }
    }

    private static HashSet<(string Kind, string Path, string Detail)> Differences(
        IReadOnlyDictionary<string, FieldValue> before, IReadOnlyDictionary<string, FieldValue> after)
    {
        var found = new HashSet<(string, string, string)>();
        if (ReferenceEquals(before, after))
        {
            return found;
        }

        foreach (var (path, value) in before)
        {
            if (!after.TryGetValue(path, out var other))
            {
                found.Add(("removed", path, value.Type));
            }
            else if (other.Type != value.Type)
            {
                found.Add(("type", path, $"{value.Type} -> {other.Type}"));
            }
        }

        foreach (var (path, value) in after)
        {
            if (!before.ContainsKey(path))
            {
                found.Add(("added", path, value.Type));
            }
        }

        return found;
    }
}
