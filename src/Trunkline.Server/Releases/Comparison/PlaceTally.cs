using Trunkline.Client.Api;
using Trunkline.Messaging;
using Trunkline.Server.Releases.Comparison.Statistics;

namespace Trunkline.Server.Releases.Comparison;

/// <summary>Counts where messages go: moves, branches and sinks. Not thread-safe.</summary>
/// <param name="places">The incumbent's and the candidate's names of places.</param>
/// <param name="examplesMax">Examples per move.</param>
internal sealed class PlaceTally((Placement Before, Placement After) places, int examplesMax)
{
    private readonly Dictionary<(string From, string To), (long Count, List<MoveExampleView> Examples)> _moves = [];
    private readonly Dictionary<string, long[]> _branches = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long[]> _sinks = new(StringComparer.Ordinal);

    /// <summary>Messages that move.</summary>
    public PairedCount Moved { get; } = new();

    /// <summary>The moves, most frequent first.</summary>
    public IReadOnlyList<MoveView> Moves => [.. _moves
        .Select(move => new MoveView(move.Key.From, move.Key.To, move.Value.Count, move.Value.Examples))
        .OrderByDescending(move => move.Count).ThenBy(move => move.From, StringComparer.Ordinal).ThenBy(move => move.To, StringComparer.Ordinal)];

    /// <summary>Messages per branch.</summary>
    public IReadOnlyList<PlaceCountView> Branches => Counts(_branches);

    /// <summary>Messages per sink.</summary>
    public IReadOnlyList<PlaceCountView> Sinks => Counts(_sinks);

    /// <summary>Counts one message; true if the candidate leaves it where it was.</summary>
    public bool Add(StoredMessage stored, SideRun was, SideRun again, SideRun would)
    {
        var (before, after) = (places.Before.Of(was.Result), places.After.Of(would.Result));
        Moved.Add(before != places.Before.Of(again.Result), before != after);
        Count(_branches, places.Before.BranchOf(was.Result), 0);
        Count(_branches, places.Before.BranchOf(again.Result), 1);
        Count(_branches, places.After.BranchOf(would.Result), 2);
        CountSinks(places.Before.SinksOf(was.Result), 0);
        CountSinks(places.Before.SinksOf(again.Result), 1);
        CountSinks(places.After.SinksOf(would.Result), 2);
        if (before == after)
        {
            return true;
        }

        var (count, examples) = _moves.TryGetValue((before, after), out var known) ? known : (0, []);
        if (examples.Count < examplesMax)
        {
            examples.Add(new MoveExampleView(stored.Message.Id.Value, stored.Position.Partition, stored.Position.Offset));
        }

        _moves[(before, after)] = (count + 1, examples);
        return false;
    }

    private static IReadOnlyList<PlaceCountView> Counts(Dictionary<string, long[]> counts) =>
        [.. counts.OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => new PlaceCountView(c.Key, c.Value[0], c.Value[1], c.Value[2]))];

    private void CountSinks(IEnumerable<string> sinks, int side)
    {
        foreach (var sink in sinks)
        {
            Count(_sinks, sink, side);
        }
    }

    private static void Count(Dictionary<string, long[]> counts, string name, int side)
    {
        if (!counts.TryGetValue(name, out var sides))
        {
            counts.Add(name, sides = new long[3]);
        }

        sides[side]++;
    }
}
