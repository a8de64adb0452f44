using System.Globalization;
using Trunkline.Cli.Terminal;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Commands;

/// <summary>What a candidate would do, as text.</summary>
internal static class DiffText
{
    private const int ExamplesMax = 3;
    private const int FieldsMax = 20;

    public static void Write(Output text, DiffDocument document)
    {
        foreach (var flow in document.Flows)
        {
            Write(text, flow);
        }

        if (document.Flows.Count == 0)
        {
            text.Line("No flow of the node reads a topic, so there is nothing recorded to run.");
        }

        foreach (var exceeded in document.Exceeded)
        {
            text.Note($"limit exceeded: {exceeded}");
        }
    }

    /// <summary>The verdict in words.</summary>
    public static string Words(string verdict) => verdict switch
    {
        ComparisonVerdicts.Same => "no difference",
        ComparisonVerdicts.Differs => "differs",
        ComparisonVerdicts.NotEnoughEvidence => "not enough evidence",
        _ => verdict,
    };

    /// <summary>How sure a field's difference is.</summary>
    public static string Sureness(string verdict, double? p) => (verdict, p) switch
    {
        (ComparisonVerdicts.Differs, null) => "",
        (_, null) => $" ({Words(verdict)})",
        _ => string.Create(CultureInfo.InvariantCulture, $" ({Words(verdict)}, p = {p:0.####})"),
    };

    /// <summary>A time's verdict in one line.</summary>
    public static string Time(LatencyDiffView time)
    {
        var versions = time.VersionBefore != time.VersionAfter ? $" ({time.VersionBefore} -> {time.VersionAfter})" : "";
        return time.Before.Count == 0
            ? $"{Words(time.Verdict)}: {time.Kind} {time.Name}{versions}"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{Words(time.Verdict)}: {time.Kind} {time.Name}{versions}, median {time.Before[10]:0.###} ms -> {time.After[10]:0.###} ms (x {time.Ratio:0.##}, 99 % interval {time.Low:0.##} to {time.High:0.##}; noise x {time.NoiseRatio:0.##}; {time.Basis}, {Amount.Count(time.Count)} messages)");
    }

    private static void Write(Output text, ComparisonView flow)
    {
        text.Line($"{flow.Flow}: {Amount.Count(flow.Moved)} of {Amount.Count(flow.Messages)} recorded messages would go elsewhere{Interval(flow)}{Also(flow)}");
        foreach (var move in flow.Moves)
        {
            text.Line($"  {Amount.Count(move.Count),7}  {move.From} -> {move.To}");
            foreach (var example in move.Examples.Take(ExamplesMax))
            {
                text.Line(string.Create(CultureInfo.InvariantCulture, $"           {example.Partition}/{example.Offset}  {example.Id}"));
            }
        }

        Write(text, "field", flow.Fields);
        foreach (var shape in flow.Shape.Take(FieldsMax))
        {
            text.Line($"  {Amount.Count(shape.Messages),7}  {shape.Kind} {shape.Path}: {shape.Detail}{Sureness(shape.Verdict, null)}");
        }

        Write(text, "score", [.. flow.Scores.Where(score => score.Changed > 0)]);
        foreach (var time in flow.Latency.Where(time => time.Verdict is ComparisonVerdicts.Slower or ComparisonVerdicts.Faster || time.VersionBefore != time.VersionAfter))
        {
            text.Line($"           {Time(time)}");
        }

        text.Line($"  {Words(flow.Verdict)}; {Basis(flow)}");
    }

    private static void Write(Output text, string what, IReadOnlyList<FieldDiffView> fields)
    {
        foreach (var field in fields.Take(FieldsMax))
        {
            var shift = field.Numbers is { } numbers
                ? string.Create(CultureInfo.InvariantCulture, $", mean moved by {numbers.Shift:0.#####} (95 % interval {numbers.Low:0.#####} to {numbers.High:0.#####})")
                : "";
            text.Line($"  {Amount.Count(field.Changed),7}  {what} {field.Path}{shift}{Sureness(field.Verdict, field.PValue)}");
            foreach (var example in field.Examples.Take(ExamplesMax))
            {
                text.Line(string.Create(CultureInfo.InvariantCulture, $"           {example.Partition}/{example.Offset}  {example.Id}  {example.Before} -> {example.After}"));
            }
        }

        if (fields.Count > FieldsMax)
        {
            text.Line($"           and {fields.Count - FieldsMax} more fields: --json or --html has them");
        }
    }

    /// <summary>What the verdict stands on.</summary>
    public static string Basis(ComparisonView flow) => flow.Exact
        ? $"effects {flow.Effects}, the incumbent agrees with itself on every message"
        : string.Create(
            CultureInfo.InvariantCulture,
            $"effects {flow.Effects}, noise: the incumbent run twice moves {flow.NoiseMoved} and alters {flow.NoiseAltered} messages; moves: {Words(flow.MovedVerdict)}");

    private static string Interval(ComparisonView flow) => flow.MovedShare is { } share && flow.Messages > 0
        ? string.Create(CultureInfo.InvariantCulture, $" ({share.Share:0.##%}; of all such messages {share.Low:0.##%} to {share.High:0.##%}, with 95 % confidence)")
        : "";

    private static string Also(ComparisonView flow)
    {
        var also = flow.Altered > 0 ? $"; {Amount.Count(flow.Altered)} would arrive changed" : "";
        also += flow.Undecided > 0 ? $"; {Amount.Count(flow.Undecided)} cannot be told: an answer they need was not recorded" : "";
        return also + (flow.RecordingTruncated ? "; recorded answers were left out for lack of room" : "") + ".";
    }
}
