using System.Globalization;
using Trunkline.Client.Api;
using Trunkline.Messaging;
using Trunkline.Server.Releases.Comparison.Statistics;

namespace Trunkline.Server.Releases.Comparison;

/// <summary>The fields one message had, of the incumbent, the incumbent again, and the candidate.</summary>
internal readonly record struct FieldTriple(
    IReadOnlyDictionary<string, FieldValue> Before, IReadOnlyDictionary<string, FieldValue> Again, IReadOnlyDictionary<string, FieldValue> After);

/// <summary>Counts how fields differ in value. Not thread-safe.</summary>
/// <param name="examplesMax">Examples per field.</param>
/// <param name="showValues">Whether they carry values.</param>
/// <param name="numbersAlways">Whether fields that are numbers are told also when none differs.</param>
internal sealed class FieldTally(int examplesMax, bool showValues, bool numbersAlways)
{
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <summary>Compares the fields of one message.</summary>
    public void Add(StoredMessage stored, FieldTriple fields)
    {
        foreach (var (path, before) in fields.Before)
        {
            if (before.Raw is null || !fields.Again.TryGetValue(path, out var again) || !fields.After.TryGetValue(path, out var after))
            {
                continue;
            }

            if (Find(path) is { } entry)
            {
                entry.Count.Add(before != again, before != after);
                if (before != after && entry.Examples.Count < examplesMax)
                {
                    entry.Examples.Add(new FieldExampleView(
                        stored.Message.Id.Value, stored.Position.Partition, stored.Position.Offset, before.Show(showValues), after.Show(showValues)));
                }

                if (Number(before) is { } a && Number(again) is { } b && Number(after) is { } c)
                {
                    entry.Numbers.Add(a, b, c);
                }
            }
        }
    }

    /// <summary>The fields that differ, most often first; asks for their verdicts.</summary>
    /// <param name="evidence">Answers later.</param>
    /// <param name="messages">Messages compared.</param>
    /// <param name="add">Takes each field with its verdict.</param>
    public void Ask(Evidence evidence, long messages, Action<FieldDiffView> add)
    {
        foreach (var (path, entry) in _entries.OrderByDescending(e => e.Value.Count.Candidate).ThenBy(e => e.Key, StringComparer.Ordinal))
        {
            if (entry.Count.Candidate > 0 || entry.Count.Noise > 0 || (numbersAlways && entry.Numbers.Count > 0))
            {
                evidence.Ask(entry.Count, (verdict, p) => add(new FieldDiffView(path, entry.Count.Candidate, entry.Count.Noise, verdict, p)
                {
                    Share = Interval.OfShare(entry.Count.Candidate, messages),
                    Numbers = entry.Numbers.Count > 0 ? Shift(entry.Numbers) : null,
                    Examples = entry.Examples,
                }));
            }
        }
    }

    private static NumberShiftView Shift(TripleSample numbers)
    {
        var (before, after) = (numbers.Before, numbers.After);
        var moved = before.Zip(after, (a, b) => b - a).ToArray();
        var interval = moved.All(d => d == 0) ? default : Interval.Bootstrap(moved.Length, drawn => drawn.Average(i => moved[i]), 0.95);
        return new NumberShiftView(numbers.Count, moved.Average(), interval.Low, interval.High, Interval.Quantiles(before), Interval.Quantiles(after));
    }

    private static double? Number(FieldValue value) =>
        value.Type == "number" && double.TryParse(value.Raw, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;

    private Entry? Find(string path)
    {
        if (!_entries.TryGetValue(path, out var entry) && _entries.Count < FieldPaths.FieldsMax)
        {
            _entries.Add(path, entry = new Entry());
        }

        return entry;
    }

    private sealed class Entry
    {
        public PairedCount Count { get; } = new();

        public TripleSample Numbers { get; } = new();

        public List<FieldExampleView> Examples { get; } = [];
    }
}
