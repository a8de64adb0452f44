using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Trunkline.Core.Telemetry;

namespace Trunkline.Server.Sight.Figures;

/// <summary>
/// The last minutes of the node's own metrics: counts and times by flow, hop, model and topic, in slots that are dropped when they are old.
/// Meters belong to the process: nodes of one process see each other's flows of the same name. Thread-safe.
/// </summary>
internal sealed class HopFigures : IHopFigures, IHostedService, IDisposable
{
    /// <summary>How far back it goes.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    /// <summary>Figures of a slot at most; further ones are not seen.</summary>
    public const int KeysMax = 10_000;

    private static readonly TimeSpan SlotLength = TimeSpan.FromSeconds(15);

    private static readonly string[] Listened =
    [
        TelemetryNames.HopMessages, TelemetryNames.HopDuration, TelemetryNames.QueueWait, TelemetryNames.CommitDuration, TelemetryNames.Retries,
        TelemetryNames.DeadLetters, TelemetryNames.PublishedMessages, TelemetryNames.ModelCalls, TelemetryNames.ModelOverBudget, TelemetryNames.ModelCallDuration, TelemetryNames.ModelWait,
    ];

    private readonly TimeProvider _time;
    private readonly long _began;
    private readonly MeterListener _listener = new();
    private readonly Lock _lock = new();
    private readonly Queue<Slot> _slots = new();
    private volatile Slot _current;

    public HopFigures(TimeProvider time)
    {
        _time = time;
        _began = time.GetTimestamp();
        _current = new Slot(_began);
        _slots.Enqueue(_current);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == TelemetryNames.Source && Listened.Contains(instrument.Name))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, labels, _) => Count(KeyOf(instrument.Name, labels), value));
        _listener.SetMeasurementEventCallback<double>((instrument, value, labels, _) => Time(KeyOf(instrument.Name, labels), value));
    }

    /// <summary>Seconds the figures are over: since the node began, five minutes and a slot at most.</summary>
    public double Seconds => _time.GetElapsedTime(Slots().Min(s => s.Began)).TotalSeconds;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _listener.Start();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    /// <summary>Gives out what was measured in slots that are over and began after one given out before.</summary>
    /// <param name="after">What the last call returned.</param>
    /// <param name="isLast">True to give out the slot that is not over too: what it gets later is given out to nobody.</param>
    /// <param name="take">Takes a key's count, or its times.</param>
    /// <returns>The latest slot given out.</returns>
    public long Take(long after, bool isLast, Action<FigureKey, long, LatencySketch?> take)
    {
        var slots = Slots();
        foreach (var slot in (isLast ? slots : slots[..^1]).Where(s => s.Began > after))
        {
            foreach (var (key, count) in slot.Counts)
            {
                take(key, count, null);
            }

            foreach (var (key, times) in slot.Times)
            {
                take(key, 0, times);
            }

            after = slot.Began;
        }

        return after;
    }

    /// <summary>How many, over all keys that fit.</summary>
    public long CountOf(Func<FigureKey, bool> fits) => Slots().Sum(slot => slot.Counts.Where(c => fits(c.Key)).Sum(c => c.Value));

    /// <summary>The times of a key; empty if there are none.</summary>
    public LatencySketch TimesOf(FigureKey key)
    {
        var all = new LatencySketch();
        foreach (var slot in Slots())
        {
            if (slot.Times.TryGetValue(key, out var sketch))
            {
                all.Add(sketch);
            }
        }

        return all;
    }

    private void Count(FigureKey key, long value)
    {
        var counts = Now().Counts;
        if (counts.Count < KeysMax || counts.ContainsKey(key))
        {
            counts.AddOrUpdate(key, static (_, more) => more, static (_, sum, more) => sum + more, value);
        }
    }

    private void Time(FigureKey key, double seconds)
    {
        var times = Now().Times;
        if (times.TryGetValue(key, out var sketch) || times.Count < KeysMax)
        {
            (sketch ?? times.GetOrAdd(key, static _ => new LatencySketch())).Add(seconds);
        }
    }

    private Slot Now()
    {
        var current = _current;
        return _time.GetElapsedTime(current.Began) < SlotLength ? current : Slots()[^1];
    }

    /// <summary>The slots of the window, the current one last.</summary>
    private Slot[] Slots()
    {
        lock (_lock)
        {
            if (_time.GetElapsedTime(_current.Began) >= SlotLength)
            {
                _current = new Slot(_time.GetTimestamp());
                _slots.Enqueue(_current);
            }

            while (_slots.Count > 1 && _time.GetElapsedTime(_slots.Peek().Began) > Window + SlotLength)
            {
                _slots.Dequeue();
            }

            return [.. _slots];
        }
    }

    private static FigureKey KeyOf(string instrument, ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        var (of, hop, outcome) = ("", "", "");
        foreach (var (name, value) in labels)
        {
            switch (name)
            {
                case TelemetryNames.Flow or TelemetryNames.Model or TelemetryNames.Topic:
                    of = value as string ?? "";
                    break;
                case TelemetryNames.Hop:
                    hop = value as string ?? "";
                    break;
                case TelemetryNames.Outcome:
                    outcome = value as string ?? "";
                    break;
            }
        }

        return new FigureKey(instrument, of, hop, outcome);
    }

    private sealed record Slot(long Began)
    {
        public ConcurrentDictionary<FigureKey, long> Counts { get; } = new();

        public ConcurrentDictionary<FigureKey, LatencySketch> Times { get; } = new();
    }
}
