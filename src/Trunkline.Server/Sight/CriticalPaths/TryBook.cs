using Trunkline.Core.Telemetry;

namespace Trunkline.Server.Sight.CriticalPaths;

/// <summary>
/// The latest tries of every flow and sink, whether their traces are kept or not: what queues are replayed from. In memory, bounded in all. Thread-safe.
/// </summary>
internal sealed class TryBook
{
    /// <summary>Tries at most, shared by flows and sinks; about half a kilobyte each.</summary>
    public const int TriesMax = 65_536;

    /// <summary>Tries of one flow or sink at most; its oldest go first.</summary>
    public const int EachMax = 8_192;

    /// <summary>Flows and sinks at most; the one not heard of for longest goes first.</summary>
    public const int ConsumersMax = 512;

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Flow, string? Sink), Line> _lines = [];

    /// <summary>Keeps a try.</summary>
    public void Note(TryTimes tried)
    {
        lock (_lock)
        {
            if (!_lines.TryGetValue((tried.Flow, tried.Sink), out var line))
            {
                if (_lines.Count == ConsumersMax)
                {
                    _lines.Remove(_lines.MinBy(l => l.Value.Last).Key);
                }

                _lines.Add((tried.Flow, tried.Sink), line = new Line());
            }

            line.Add(tried, Math.Min(EachMax, TriesMax / _lines.Count));
        }
    }

    /// <summary>What is kept of each flow and sink.</summary>
    public IReadOnlyList<KeptTries> Read()
    {
        lock (_lock)
        {
            return [.. _lines.Values.Select(line => line.Read())];
        }
    }

    private sealed class Line
    {
        private readonly Queue<TryTimes> _tries = new();
        private long _since;

        public long Last { get; private set; }

        public void Add(TryTimes tried, int max)
        {
            _tries.Enqueue(tried);
            Last = tried.Ended;
            while (_tries.Count > max)
            {
                _since = Math.Max(_since, _tries.Dequeue().Ended);
            }
        }

        public KeptTries Read() => new([.. _tries], _since);
    }
}

/// <summary>What is kept of one flow or sink.</summary>
/// <param name="Tries">Its tries, in the order they ended; at least one.</param>
/// <param name="Since">From this time on (ticks, UTC) none is missing.</param>
internal sealed record KeptTries(IReadOnlyList<TryTimes> Tries, long Since)
{
    public string Flow => Tries[0].Flow;

    public string? Sink => Tries[0].Sink;

    /// <summary>The models that were asked.</summary>
    public IEnumerable<string> Models => Tries.SelectMany(t => t.Parts).Select(p => p.Model).OfType<string>().Distinct(StringComparer.Ordinal);
}
