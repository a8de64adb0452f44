using Trunkline.Client.Api;
using Trunkline.Messaging;
using Trunkline.Server.Effects;
using Trunkline.Server.Releases.Comparison.Statistics;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Releases.Comparison;

/// <summary>Gathers what differs between the incumbent, the incumbent again, and the candidate. Not thread-safe.</summary>
/// <param name="request">What is compared.</param>
/// <param name="places">The incumbent's and the candidate's names of places.</param>
internal sealed class ComparisonTally(ComparisonRequest request, (Placement Before, Placement After) places)
{
    private readonly PlaceTally _places = new(places, request.ExamplesMax);
    private readonly FieldTally _fields = new(request.ExamplesMax, request.ShowValues, numbersAlways: false);
    private readonly FieldTally _scores = new(request.ExamplesMax, request.ShowValues, numbersAlways: true);
    private readonly ShapeTally _shape = new();
    private readonly LatencyTally _latency = new();
    private readonly PairedCount _altered = new();
    private long _compared;
    private long _undecided;

    /// <summary>Messages done.</summary>
    public long Done => _compared + _undecided;

    /// <summary>Compares what became of one message.</summary>
    public void Add(StoredMessage stored, SideRun was, SideRun again, SideRun would)
    {
        if (IsUndecided(was) || IsUndecided(again) || IsUndecided(would))
        {
            _undecided++;
            return;
        }

        _compared++;
        var stays = _places.Add(stored, was, again, would);
        if (was.Result is PipelineResult.Delivered a && again.Result is PipelineResult.Delivered b && would.Result is PipelineResult.Delivered c)
        {
            var (noise, candidate) = (IsAltered(a, b), IsAltered(a, c));
            _altered.Add(noise, candidate && stays);
            AddFields(stored, a, b, c);
        }

        var answers = Fields(Answers(was.Result), Answers(again.Result), Answers(would.Result), AnswerFields);
        _scores.Add(stored, answers);
        _latency.Add(was, again, would);
    }

    /// <summary>The result.</summary>
    /// <param name="recording">The answers there were.</param>
    /// <param name="recorded">Their times.</param>
    /// <param name="versions">Versions of the two sides by model.</param>
    public ComparisonView Report(
        EffectReplayer recording, RecordedTimes recorded, IReadOnlyList<(string Model, string Before, string After)> versions)
    {
        var exact = request.Effects != EffectMode.Fresh && _places.Moved.Noise == 0 && _altered.Noise == 0;
        var evidence = new Evidence(exact, _compared);
        var (fields, scores, shape, latency) = (new List<FieldDiffView>(), new List<FieldDiffView>(), new List<ShapeDiffView>(), new List<LatencyDiffView>());
        var moved = ComparisonVerdicts.Same;
        evidence.Ask(_places.Moved, (verdict, _) => moved = verdict);
        _fields.Ask(evidence, _compared, fields.Add);
        _scores.Ask(evidence, _compared, scores.Add);
        _shape.Ask(evidence, shape.Add);
        _latency.Ask(evidence, recorded, versions, latency.Add);
        evidence.Answer();
        var told = fields.Select(f => f.Verdict).Concat(scores.Select(f => f.Verdict)).Concat(shape.Select(f => f.Verdict))
            .Concat(latency.Where(l => l.Verdict != ComparisonVerdicts.NotEnoughEvidence || l.VersionBefore != l.VersionAfter).Select(l => l.Verdict))
            .Append(moved).Append(_undecided > 0 ? ComparisonVerdicts.NotEnoughEvidence : ComparisonVerdicts.Same).ToHashSet(StringComparer.Ordinal);
        return new ComparisonView(
            request.Flow, _compared, _places.Moved.Candidate, _altered.Candidate, _undecided, _places.Moves, recording.Truncated)
        {
            Verdict = Sum(told),
            Effects = request.Effects.ToString().ToLowerInvariant(),
            Exact = exact,
            NoiseMoved = _places.Moved.Noise,
            NoiseAltered = _altered.Noise,
            MovedVerdict = moved,
            MovedShare = Interval.OfShare(_places.Moved.Candidate, _compared),
            Branches = _places.Branches,
            Sinks = _places.Sinks,
            Fields = [.. fields.OrderByDescending(f => f.Changed).ThenBy(f => f.Path, StringComparer.Ordinal)],
            Scores = [.. scores.OrderByDescending(f => f.Changed).ThenBy(f => f.Path, StringComparer.Ordinal)],
            Shape = [.. shape.OrderBy(f => f.Path, StringComparer.Ordinal)],
            Latency = [.. latency.Select(l => l.Kind == "flow" ? l with { Name = request.Flow } : l).OrderBy(l => l.Kind, StringComparer.Ordinal).ThenBy(l => l.Name, StringComparer.Ordinal)],
        };
    }

    private static string Sum(HashSet<string> told) =>
        told.Overlaps([ComparisonVerdicts.Differs, ComparisonVerdicts.Slower, ComparisonVerdicts.Faster]) ? ComparisonVerdicts.Differs
        : told.Contains(ComparisonVerdicts.NotEnoughEvidence) ? ComparisonVerdicts.NotEnoughEvidence
        : ComparisonVerdicts.Same;

    private static bool IsUndecided(SideRun run) => run.Result is PipelineResult.Failed { Fault.Code: EffectMissingException.Code };

    private static bool IsAltered(PipelineResult.Delivered was, PipelineResult.Delivered would) => !was.Outputs.Zip(would.Outputs).All(pair =>
        pair.First.Message.Payload.Span.SequenceEqual(pair.Second.Message.Payload.Span) && pair.First.Message.Key == pair.Second.Message.Key);

    private void AddFields(StoredMessage stored, PipelineResult.Delivered was, PipelineResult.Delivered again, PipelineResult.Delivered would)
    {
        // All sinks of a branch get the same payload; only keys may differ.
        var bodies = Fields(Body(was), Body(again), Body(would), body => FieldPaths.Of(body));
        _fields.Add(stored, bodies);
        _shape.Add(bodies);
        _fields.Add(stored, new FieldTriple(Keys(places.Before, was), Keys(places.Before, again), Keys(places.After, would)));
    }

    private static ReadOnlyMemory<byte> Body(PipelineResult.Delivered result) => result.Outputs.Count == 0 ? default : result.Outputs[0].Message.Payload;

    private static Dictionary<string, FieldValue> Keys(Placement place, PipelineResult.Delivered result)
    {
        var keys = new Dictionary<string, FieldValue>(StringComparer.Ordinal);
        foreach (var (sink, key) in place.KeysOf(result))
        {
            keys[$"(key of {sink})"] = new FieldValue(key is null ? "null" : "string", key ?? "");
        }

        return keys;
    }

    // Of most messages nothing differs: what is equal is taken apart once.
    private static FieldTriple Fields(
        ReadOnlyMemory<byte> before, ReadOnlyMemory<byte> again, ReadOnlyMemory<byte> after, Func<ReadOnlyMemory<byte>, Dictionary<string, FieldValue>> read)
    {
        var first = read(before);
        return new FieldTriple(
            first, again.Span.SequenceEqual(before.Span) ? first : read(again), after.Span.SequenceEqual(before.Span) ? first : read(after));
    }

    private static FieldTriple Fields<T>(T before, T again, T after, Func<T, Dictionary<string, FieldValue>> read) => new(read(before), read(again), read(after));

    private static List<(string Model, ReadOnlyMemory<byte> Answer)> Answers(PipelineResult result) => [.. result.Effects
        .Where(effect => effect.Kind == EffectKind.Model)
        .Select(effect => (new EffectCall(effect.Kind, effect.Name, effect.IdempotencyKey, default).Subject, effect.Answer))];

    private static Dictionary<string, FieldValue> AnswerFields(List<(string Model, ReadOnlyMemory<byte> Answer)> answers)
    {
        var fields = new Dictionary<string, FieldValue>(StringComparer.Ordinal);
        foreach (var (model, answer) in answers)
        {
            foreach (var (path, value) in FieldPaths.Of(answer, model + ": "))
            {
                fields.TryAdd(path, value);
            }
        }

        return fields;
    }
}
