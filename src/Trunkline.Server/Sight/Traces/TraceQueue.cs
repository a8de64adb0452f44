using System.Diagnostics;
using Trunkline.Core.Telemetry;

namespace Trunkline.Server.Sight.Traces;

/// <summary>Spans that wait to be kept, up to a bound: what finds no room is refused, and nobody waits. Thread-safe.</summary>
internal sealed class TraceQueue
{
    /// <summary>Spans that wait at most.</summary>
    public const int SpansMax = 16_384;

    private readonly Lock _lock = new();
    private List<TraceSpan> _spans = [];
    private List<Activity> _own = [];
    private List<MessageSpan> _tried = [];
    private int _count;

    /// <summary>Takes spans of other services: all of them or none.</summary>
    public bool TryAdd(IReadOnlyCollection<TraceSpan> spans)
    {
        lock (_lock)
        {
            if (!Reserve(spans.Count))
            {
                return false;
            }

            _spans.AddRange(spans);
            Others += spans.Count;
            return true;
        }
    }

    /// <summary>How many spans of other services were taken.</summary>
    public long Others { get; private set; }

    /// <summary>Takes a span of the node itself, as it is: who ends one does not wait until it is written.</summary>
    public bool TryAdd(Activity own)
    {
        lock (_lock)
        {
            if (!Reserve(1))
            {
                return false;
            }

            _own.Add(own);
            return true;
        }
    }

    /// <summary>Takes the spans of a try that is over.</summary>
    public bool TryAdd(MessageSpan tried)
    {
        lock (_lock)
        {
            if (!Reserve(tried.Count))
            {
                return false;
            }

            _tried.Add(tried);
            return true;
        }
    }

    /// <summary>Gives out what waits.</summary>
    public IReadOnlyList<TraceSpan> Take()
    {
        List<TraceSpan> spans;
        List<Activity> own;
        List<MessageSpan> tried;
        lock (_lock)
        {
            (spans, own, tried, _count) = (_spans, _own, _tried, 0);
            (_spans, _own, _tried) = ([], [], []);
        }

        return [.. spans, .. own.Select(KeptSpans.Of), .. tried.SelectMany(KeptSpans.Of)];
    }

    private bool Reserve(int spans)
    {
        if (_count + spans > SpansMax)
        {
            return false;
        }

        _count += spans;
        return true;
    }
}
