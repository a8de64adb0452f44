using Trunkline.Client.Api;
using Trunkline.Server.Releases.Comparison.Statistics;

namespace Trunkline.Server.Releases.Comparison;

/// <summary>Compares times, like with like: measured with measured, recorded with recorded, message by message. Not thread-safe.</summary>
internal sealed class LatencyTally
{
    /// <summary>Messages below which nothing is said of a time.</summary>
    public const int MessagesMin = 20;

    /// <summary>A median that moved by less than this many milliseconds counts as the same: below lies what a machine does by itself.</summary>
    private const double FloorMs = 0.1;

    /// <summary>So does one that moved by less than this factor.</summary>
    private const double FactorMin = 1.1;

    private readonly Dictionary<(string Kind, string Name), Entry> _entries = [];

    /// <summary>Compares the times of one message.</summary>
    public void Add(SideRun before, SideRun again, SideRun after)
    {
        foreach (var (part, a) in before.Times)
        {
            if (after.Times.TryGetValue(part, out var c))
            {
                var entry = Find(part);
                (entry.VersionBefore, entry.VersionAfter) = (a.Version, c.Version);
                if (again.Times.TryGetValue(part, out var b) && a.Measured == b.Measured && a.Measured == c.Measured)
                {
                    entry.Measured |= a.Measured;
                    entry.Times.Add(a.Time.TotalMilliseconds, b.Time.TotalMilliseconds, c.Time.TotalMilliseconds);
                }
            }
        }
    }

    /// <summary>Asks for the verdicts.</summary>
    /// <param name="evidence">Answers later.</param>
    /// <param name="recorded">Times of the recording, for models whose two versions never answered the same messages.</param>
    /// <param name="versions">Versions of the two sides by model.</param>
    /// <param name="add">Takes each part with its verdict.</param>
    public void Ask(
        Evidence evidence, RecordedTimes recorded, IEnumerable<(string Model, string Before, string After)> versions, Action<LatencyDiffView> add)
    {
        foreach (var (part, entry) in _entries.OrderBy(e => e.Key.Kind, StringComparer.Ordinal).ThenBy(e => e.Key.Name, StringComparer.Ordinal))
        {
            if (entry.Times.Count > 0)
            {
                AskPaired(evidence, part, entry, add);
            }
        }

        foreach (var (model, before, after) in versions.Where(v => v.Before != v.After && !(_entries.TryGetValue(("model", v.Model), out var e) && e.Times.Count > 0)))
        {
            AskUnpaired(evidence, model, (before, recorded.Of(before)), (after, recorded.Of(after)), add);
        }
    }

    private static void AskPaired(Evidence evidence, (string Kind, string Name) part, Entry entry, Action<LatencyDiffView> add)
    {
        var (before, again, after) = (entry.Times.Before, entry.Times.Again, entry.Times.After);
        var view = new LatencyDiffView(part.Kind, part.Name, ComparisonVerdicts.Same, entry.Measured ? "measured" : "recorded", before.Length)
        {
            VersionBefore = entry.VersionBefore,
            VersionAfter = entry.VersionAfter,
            Before = Interval.Quantiles(before),
            After = Interval.Quantiles(after),
            Ratio = 1,
            Low = 1,
            High = 1,
        };
        if (before.AsSpan().SequenceEqual(after))
        {
            add(view);
            return;
        }

        var noise = Interval.Bootstrap(before.Length, drawn => Ratio(Interval.Median(again, drawn), Interval.Median(before, drawn)), 0.99);
        var interval = Interval.Bootstrap(before.Length, drawn => Ratio(Interval.Median(after, drawn), Interval.Median(before, drawn)), 0.99);
        view = view with
        {
            Ratio = Ratio(view.After[10], view.Before[10]),
            Low = interval.Low,
            High = interval.High,
            NoiseRatio = Ratio(Interval.Quantiles(again)[10], view.Before[10]),
        };
        var (longer, shorter) = (before.Zip(after).LongCount(p => p.Second > p.First), before.Zip(after).LongCount(p => p.Second < p.First));
        evidence.Ask(SignTest.TwoSided(longer, shorter), p => add(view with { Verdict = VerdictOf(view, p, noise) }));
    }

    private static void AskUnpaired(
        Evidence evidence, string model, (string Version, double[] Times) before, (string Version, double[] Times) after, Action<LatencyDiffView> add)
    {
        var view = new LatencyDiffView("model", model, ComparisonVerdicts.NotEnoughEvidence, "recorded", Math.Min(before.Times.Length, after.Times.Length))
        {
            VersionBefore = before.Version,
            VersionAfter = after.Version,
        };
        if (view.Count < MessagesMin)
        {
            add(view);
            return;
        }

        var (first, second) = (before.Times, after.Times);
        var interval = Interval.Bootstrap(
            (first.Length, second.Length), (one, other) => Ratio(Interval.Median(second, other), Interval.Median(first, one)), 0.99);
        view = view with { Before = Interval.Quantiles(first), After = Interval.Quantiles(second), Low = interval.Low, High = interval.High };
        view = view with { Ratio = Ratio(view.After[10], view.Before[10]) };
        evidence.Ask(RankTest.TwoSided(first, second), p => add(view with { Verdict = VerdictOf(view, p, new Interval(1, 1)) }));
    }

    private static string VerdictOf(LatencyDiffView view, double p, Interval noise)
    {
        if (view.Count < MessagesMin)
        {
            return ComparisonVerdicts.NotEnoughEvidence;
        }

        if (p >= Evidence.Alpha || Math.Abs(view.After[10] - view.Before[10]) < FloorMs)
        {
            return ComparisonVerdicts.Same;
        }

        return view.Low > Math.Max(noise.High, FactorMin) ? ComparisonVerdicts.Slower
            : view.High < Math.Min(noise.Low, 1 / FactorMin) ? ComparisonVerdicts.Faster
            : ComparisonVerdicts.Same;
    }

    // A clock that does not stir between two looks gives zero: then there is nothing to divide by, and nothing to tell.
    private static double Ratio(double after, double before) => before > 0 ? after / before : after > 0 ? double.MaxValue : 1;

    private Entry Find((string Kind, string Name) part)
    {
        if (!_entries.TryGetValue(part, out var entry))
        {
            _entries.Add(part, entry = new Entry());
        }

        return entry;
    }

    private sealed class Entry
    {
        public TripleSample Times { get; } = new();

        public string? VersionBefore { get; set; }

        public string? VersionAfter { get; set; }

        public bool Measured { get; set; }
    }
}
