using Trunkline.Client.Api;
using Trunkline.Server.Sight.Figures;
using Trunkline.Server.Sight.Traces;

namespace Trunkline.Server.Sight.Map.Neighbours;

/// <summary>A hop between a service and something else, as its spans add up. Not thread-safe.</summary>
/// <param name="from">Id of where it comes from.</param>
/// <param name="to">Id of where it goes.</param>
/// <param name="kind"><c>call</c>, <c>publish</c>, <c>consume</c> or <c>infer</c>.</param>
internal sealed class ServiceEdge(string from, string to, string kind)
{
    private readonly LatencySketch _times = new();
    private readonly LatencySketch _waits = new();
    private readonly List<long> _offsets = [];
    private long _count;
    private long _failed;
    private long _unpaired;
    private long _ahead;

    /// <summary>What passes.</summary>
    public string Kind => kind;

    /// <summary>Both halves are known; the taker's time counts.</summary>
    public void Add(SpanPair pair)
    {
        Count(pair.To);
        var (from, to) = pair;
        if (to.Role == SpanRole.Consumer)
        {
            var wait = to.Start - from.End;
            if (wait >= 0)
            {
                _waits.Add(wait / 1e9);
            }

            // A message cannot be taken before it was sent: by so much at least the clocks differ.
            _ahead = Math.Min(_ahead, Math.Min(wait, to.Start - from.Start));
        }
        else if (from.Role == SpanRole.Client)
        {
            // Half the difference of both ends, as clocks are set over a network.
            _offsets.Add((to.Start - from.Start + (to.End - from.End)) / 2);
            _ahead = Math.Min(_ahead, Math.Min(to.Start - from.Start, from.End - to.End));
        }
    }

    /// <summary>Only one half is known.</summary>
    public void AddHalf(TraceSpan span)
    {
        Count(span);
        _unpaired++;
    }

    /// <summary>Adds what was kept of it.</summary>
    public void Add(IReadOnlyList<long> counts, LatencySketch times, LatencySketch waits)
    {
        (_count, _failed, _unpaired) = (_count + counts[0], _failed + counts[1], _unpaired + counts[2]);
        _times.Add(times);
        _waits.Add(waits);
    }

    /// <summary>What is kept of it; how far clocks differ is not.</summary>
    public (FigureValue Hop, FigureValue Wait) Kept() => (FigureValue.Of(_times, _count, _failed, _unpaired), FigureValue.Of(_waits));

    /// <summary>It as the map has it.</summary>
    /// <param name="seconds">What rates are over.</param>
    public MapEdge View(double seconds) => new()
    {
        Id = MapIds.Edge(from, to),
        From = from,
        To = to,
        Kind = kind,
        Figures = new MapFigures
        {
            PerSecond = _count / seconds,
            ErrorShare = _count == 0 ? null : (double)_failed / _count,
            P50Ms = _times.Quantile(0.5) * 1000,
            P95Ms = _times.Quantile(0.95) * 1000,
            P99Ms = _times.Quantile(0.99) * 1000,
            WaitP50Ms = _waits.Quantile(0.5) * 1000,
            WaitP95Ms = _waits.Quantile(0.95) * 1000,
            WaitP99Ms = _waits.Quantile(0.99) * 1000,
            Coverage = _count == 0 ? null : Math.Round(1 - ((double)_unpaired / _count), 4),
            SkewMs = Skew(),
        },
    };

    /// <summary>Only where clocks are known to differ: the median of the offsets of calls, or what a wait is below nothing.</summary>
    private double? Skew() => _ahead >= 0 ? null : TraceTime.Milliseconds(_offsets.Count == 0 ? _ahead : _offsets.Order().ElementAt(_offsets.Count / 2));

    private void Count(TraceSpan span)
    {
        _count++;
        _failed += span.Failed ? 1 : 0;
        _times.Add((span.End - span.Start) / 1e9);
    }
}
