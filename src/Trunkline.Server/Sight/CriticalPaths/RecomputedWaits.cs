using System.Globalization;
using Trunkline.Server.Sight.Traces;

namespace Trunkline.Server.Sight.CriticalPaths;

/// <summary>
/// Ways of messages with the waits they would have if an owner took another time. All tries of the flows concerned are run through their lanes again, with the
/// times as they were and with the others; by how much a wait differs between the two, the recorded one changes. Before anything is said, the replay with the
/// times as they were has to give the quantiles that were measured. Immutable.
/// </summary>
internal sealed class RecomputedWaits
{
    /// <summary>Messages it rests on at least.</summary>
    public const int Least = 20;

    /// <summary>How far the replay with the times as they were may be off what was measured, as a share of it.</summary>
    public const double OffMax = 0.15;

    /// <summary>Messages that may have been tried again, as a share of all.</summary>
    public const double RetriedMax = 0.05;

    private const double HandOver = 0.1;

    private static readonly long s_offMin = Time(TimeSpan.FromMilliseconds(2));

    private readonly QueueJobs _jobs;
    private readonly Func<string, int?> _rooms;
    private readonly IReadOnlyDictionary<TryKey, QueueWaits> _asTheyWere;
    private readonly List<FlowWay> _ways;
    private readonly Lazy<long[]> _again;

    /// <param name="flow">The flow.</param>
    /// <param name="ways">Ways through it.</param>
    /// <param name="kept">The tries that are kept, of all flows and sinks.</param>
    /// <param name="rooms">Questions a model takes at once; null if that is not known.</param>
    public RecomputedWaits(string flow, IReadOnlyList<FlowWay> ways, IReadOnlyList<KeptTries> kept, Func<string, int?> rooms)
    {
        _rooms = rooms;
        _jobs = QueueJobs.Of(flow, kept, ways.SelectMany(w => w.Tries).Select(t => (t.Try.Flow, t.Try.Sink)).ToHashSet());
        _ways = [.. ways.Where(w => w.Tries.All(t => _jobs.Recorded.ContainsKey(t.Try))).OrderBy(w => w.Graph.Ingest)];
        _asTheyWere = QueueReplay.Of(_jobs.First, rooms, _ => 1);
        _again = new Lazy<long[]>(Again);
        var whole = ways.Count(w => w.Graph.Ingest >= _jobs.Since);
        Missing = _ways.Count < Least ? $"only {_ways.Count} of these messages are known with all that waited beside them (a node forgets that when it stops); it takes {Least}"
            : _ways.Count < whole / 2 ? $"of {whole} messages only {_ways.Count} took long enough at every hop to be replayed"
            : _jobs.Retried > RetriedMax ? string.Create(CultureInfo.InvariantCulture, $"{_jobs.Retried * 100:0} % of the messages were tried again: how long a later try waits for a lane is not replayed, and with more than {RetriedMax * 100:0} % of them a figure may be off by more than it says")
            : null;
    }

    /// <summary>Messages it rests on.</summary>
    public int Count => _ways.Count;

    /// <summary>Why nothing can be said; null if something can.</summary>
    public string? Missing { get; }

    /// <summary>Why a quantile cannot be told; null if it can.</summary>
    public string? Refuses(double quantile)
    {
        var (measured, again) = Both(quantile);
        return Missing ?? (Math.Abs(again - measured) <= Math.Max(s_offMin, OffMax * measured)
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"replayed with the times as they were, p{quantile * 100:0} is {TraceTime.Milliseconds(again):0.#} ms, but it was {TraceTime.Milliseconds(measured):0.#} ms: something else than lanes, keys and models made these messages wait"));
    }

    /// <summary>How far the replay with the times as they were is off what was measured, as a share of it.</summary>
    public double Off(double quantile)
    {
        var (measured, again) = Both(quantile);
        return measured == 0 ? 0 : Math.Abs(((double)again / measured) - 1);
    }

    /// <summary>The length of each way as recorded and as it would be, in the order they came in.</summary>
    /// <param name="scale">The factor of an owner's time.</param>
    public IReadOnlyList<(long Before, long After)> Lengths(Func<string, double> scale)
    {
        var changed = QueueReplay.Of(_jobs.First, _rooms, scale);
        return [.. _ways.Select(way =>
        {
            var more = new Dictionary<string, long>(StringComparer.Ordinal);
            foreach (var tried in way.Tries)
            {
                var (before, after) = (_asTheyWere[tried.Try], changed[tried.Try]);
                more[tried.Span] = after.Wait - before.Wait;
                AddRooms(more, tried, (room, i) => after.Rooms.Count == before.Rooms.Count ? after.Rooms[i] - before.Rooms[i] : 0);
            }

            return (way.Graph.Length, Replay(way.Graph, more, scale));
        })];
    }

    /// <summary>
    /// The lengths with the replay's own waits in place of the recorded ones, and the hand-over to a lane, which is what nine of ten wait longer for at least: more
    /// than that is not explained.
    /// </summary>
    private long[] Again()
    {
        var handOver = _jobs.Recorded.Where(r => _asTheyWere.ContainsKey(r.Key)).GroupBy(r => (r.Key.Flow, r.Key.Sink), r => r.Value - _asTheyWere[r.Key].Wait)
            .ToDictionary(g => g.Key, g => WhatIf.At([.. g.Order()], HandOver));
        return [.. _ways.Select(way =>
        {
            var more = new Dictionary<string, long>(StringComparer.Ordinal);
            foreach (var tried in way.Tries)
            {
                var replayed = _asTheyWere[tried.Try];
                more[tried.Span] = tried.IsFirst ? replayed.Wait + handOver[(tried.Try.Flow, tried.Try.Sink)] - _jobs.Recorded[tried.Try] : 0;
                AddRooms(more, tried, (room, i) => replayed.Rooms[i] - room.Waited);
            }

            return Replay(way.Graph, more, _ => 1);
        }).Order()];
    }

    private (long Measured, long Again) Both(double quantile) =>
        _ways.Count == 0 ? (0, 0) : (WhatIf.At([.. _ways.Select(w => w.Graph.Length).Order()], quantile), WhatIf.At(_again.Value, quantile));

    private void AddRooms(Dictionary<string, long> more, WayTry tried, Func<WayRoom, int, long> change)
    {
        for (var i = 0; i < tried.Rooms.Count && tried.Rooms.Count == _asTheyWere[tried.Try].Rooms.Count; i++)
        {
            more[tried.Rooms[i].Span] = change(tried.Rooms[i], i);
        }
    }

    private static long Replay(FlowGraph graph, Dictionary<string, long> more, Func<string, double> scale) => graph.ReplayLengths(segment =>
        (segment.Kind == SegmentKind.Queue || segment.Owner.StartsWith(PathOwners.RoomPrefix, StringComparison.Ordinal)) && more.TryGetValue(segment.Span, out var by)
            ? Math.Max(0, segment.Length + by)
            : FlowGraph.Scaled(segment, scale(segment.Owner)));

    private static long Time(TimeSpan span) => span.Ticks * 100;
}
