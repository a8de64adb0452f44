using System.Runtime.InteropServices;

namespace Trunkline.Server.Sight.Traces;

/// <summary>Finds kept traces. It is made anew of what is kept when a node starts. Thread-safe.</summary>
internal sealed class TraceIndex
{
    /// <summary>Traces at most; those whose spans came longest ago go first.</summary>
    public const int TracesMax = 20_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, TraceEntry> _traces = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> _linkedFrom = new(StringComparer.Ordinal);
    private readonly Queue<(string Trace, long Offset)> _order = new();

    /// <summary>Those of the spans that are not noted, each once.</summary>
    public List<TraceSpan> Unknown(IEnumerable<TraceSpan> spans)
    {
        lock (_lock)
        {
            return [.. spans.DistinctBy(s => s.Ref).Where(s => !_traces.TryGetValue(s.Trace, out var entry) || entry.TakesIn(s))];
        }
    }

    /// <summary>Notes spans that stand at an offset.</summary>
    public void Add(IEnumerable<TraceSpan> spans, long offset)
    {
        lock (_lock)
        {
            foreach (var span in spans)
            {
                if (!_traces.TryGetValue(span.Trace, out var entry))
                {
                    _traces.Add(span.Trace, entry = new TraceEntry(span.Trace));
                }

                if (!entry.TakesIn(span))
                {
                    continue;
                }

                entry.Note(span);
                if (entry.StandsAt(offset))
                {
                    _order.Enqueue((span.Trace, offset));
                }

                foreach (var linked in span.Links.Select(l => l.Trace).Where(entry.Linked.Contains))
                {
                    (CollectionsMarshal.GetValueRefOrAddDefault(_linkedFrom, linked, out _) ??= new HashSet<string>(StringComparer.Ordinal)).Add(span.Trace);
                }
            }

            while (_traces.Count > TracesMax)
            {
                DropOldest();
            }
        }
    }

    /// <summary>Forgets traces.</summary>
    public void Remove(IEnumerable<string> traces)
    {
        lock (_lock)
        {
            foreach (var trace in traces)
            {
                if (_traces.TryGetValue(trace, out var entry))
                {
                    Remove(trace, entry);
                }
            }
        }
    }

    /// <summary>Forgets what retention removed.</summary>
    public void Forget(long before)
    {
        lock (_lock)
        {
            while (_order.TryPeek(out var oldest) && oldest.Offset < before)
            {
                DropOldest();
            }
        }
    }

    /// <summary>The traces that fit, the last to begin first.</summary>
    public List<TraceEntry> Find(Func<TraceEntry, bool> fits, int max)
    {
        lock (_lock)
        {
            return [.. _traces.Values.Where(fits).OrderByDescending(t => t.Start).Take(max)];
        }
    }

    /// <summary>A trace, and those linked to it in either direction and on, up to a bound; where their spans stand.</summary>
    public (IReadOnlySet<string> Traces, IReadOnlyList<long> Offsets) Around(string trace, int max)
    {
        lock (_lock)
        {
            var found = new HashSet<string>(StringComparer.Ordinal);
            var next = new Queue<string>([trace]);
            while (found.Count < max && next.TryDequeue(out var id))
            {
                if (!_traces.TryGetValue(id, out var entry) || !found.Add(id))
                {
                    continue;
                }

                foreach (var linked in entry.Linked.Concat(_linkedFrom.GetValueOrDefault(id) ?? []))
                {
                    next.Enqueue(linked);
                }
            }

            return (found, [.. found.SelectMany(id => _traces[id].Offsets).Distinct().Order()]);
        }
    }

    private void DropOldest()
    {
        var (trace, offset) = _order.Dequeue();
        if (!_traces.TryGetValue(trace, out var entry))
        {
            return;
        }

        entry.Offsets.Remove(offset);
        if (entry.Offsets.Count > 0)
        {
            return;
        }

        Remove(trace, entry);
    }

    private void Remove(string trace, TraceEntry entry)
    {
        _traces.Remove(trace);
        foreach (var linked in entry.Linked)
        {
            if (_linkedFrom.TryGetValue(linked, out var from) && from.Remove(trace) && from.Count == 0)
            {
                _linkedFrom.Remove(linked);
            }
        }
    }
}
