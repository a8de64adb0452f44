using Trunkline.Messaging;
using Trunkline.Server.Effects;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Releases.Comparison;

/// <summary>Counts the moves of a comparison. Not thread-safe.</summary>
internal sealed class MoveTally(int examplesMax)
{
    private readonly Dictionary<(string From, string To), (long Count, List<MoveExample> Examples)> _moves = [];
    private long _compared;
    private long _altered;
    private long _undecided;

    /// <summary>Messages done.</summary>
    public long Done => _compared + _undecided;

    /// <summary>Compares what became of one message.</summary>
    public void Add(StoredMessage stored, Placement from, PipelineResult was, Placement to, PipelineResult would)
    {
        if (IsUndecided(was) || IsUndecided(would))
        {
            _undecided++;
            return;
        }

        _compared++;
        var (before, after) = (from.Of(was), to.Of(would));
        if (before == after)
        {
            _altered += SameContent(was, would) ? 0 : 1;
            return;
        }

        var (count, examples) = _moves.TryGetValue((before, after), out var known) ? known : (0, []);
        if (examples.Count < examplesMax)
        {
            examples.Add(new MoveExample(stored.Message.Id.Value, stored.Position));
        }

        _moves[(before, after)] = (count + 1, examples);
    }

    /// <summary>The result.</summary>
    public ComparisonReport Report(string flow, bool truncated)
    {
        var moves = _moves
            .Select(move => new Move(move.Key.From, move.Key.To, move.Value.Count, move.Value.Examples))
            .OrderByDescending(move => move.Count).ThenBy(move => move.From, StringComparer.Ordinal).ThenBy(move => move.To, StringComparer.Ordinal)
            .ToArray();
        return new ComparisonReport(flow, _compared, moves.Sum(move => move.Count), _altered, _undecided, moves, truncated);
    }

    private static bool IsUndecided(PipelineResult result) => result is PipelineResult.Failed { Fault.Code: EffectMissingException.Code };

    private static bool SameContent(PipelineResult was, PipelineResult would) =>
        was is not PipelineResult.Delivered before || would is not PipelineResult.Delivered after
        || before.Outputs.Zip(after.Outputs).All(pair =>
            pair.First.Message.Payload.Span.SequenceEqual(pair.Second.Message.Payload.Span) && pair.First.Message.Key == pair.Second.Message.Key);
}
