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
    private readonly Queue<LiveSlot> _slots = new();
    private volatile LiveSlot _current;

    public HopFigures(TimeProvider time)
    {
        _time = time;
        _began = time.GetTimestamp();
        _current = new LiveSlot(_began);
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
    public double Seconds => All().Seconds;

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

    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<FigureKey, long>> Counts => All().Counts;

    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<FigureKey, LatencySketch>> Times => All().Times;

    /// <inheritdoc/>
    public long CountOf(Func<FigureKey, bool> fits) => All().CountOf(fits);

    /// <inheritdoc/>
    public LatencySketch TimesOf(FigureKey key) => All().TimesOf(key);

    /// <summary>The figures of the last moments, and those of what is known before them: two halves of the same window.</summary>
    /// <param name="recent">How long the moments are, a slot more or less.</param>
    public (IHopFigures Recent, IHopFigures Before) Split(TimeSpan recent)
    {
        var slots = Slots();
        var bound = slots.Count(s => _time.GetElapsedTime(s.Began) > recent);
        var now = _time.GetTimestamp();
        return (
            new LiveFigures(slots[bound..], bound < slots.Length ? _time.GetElapsedTime(slots[bound].Began, now).TotalSeconds : 0),
            new LiveFigures(slots[..bound], bound == 0 ? 0 : _time.GetElapsedTime(slots[0].Began, bound < slots.Length ? slots[bound].Began : now).TotalSeconds));
    }

    /// <summary>Adds what a service around measured of itself.</summary>
    /// <param name="key">What it is of.</param>
    /// <param name="times">How long each took.</param>
    public void Add(FigureKey key, LatencySketch times)
    {
        Count(key, times.Total);
        var kept = Now().Times;
        if (kept.TryGetValue(key, out var sketch) || kept.Count < KeysMax)
        {
            (sketch ?? kept.GetOrAdd(key, static _ => new LatencySketch())).Add(times);
        }
    }

    /// <summary>The window as it stands: for whoever asks much, and wants all answers of the same time.</summary>
    public LiveFigures All()
    {
        var slots = Slots();
        return new LiveFigures(slots, _time.GetElapsedTime(slots[0].Began).TotalSeconds);
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

    private LiveSlot Now()
    {
        var current = _current;
        return _time.GetElapsedTime(current.Began) < SlotLength ? current : Slots()[^1];
    }

    /// <summary>The slots of the window, the current one last.</summary>
    private LiveSlot[] Slots()
    {
        lock (_lock)
        {
            if (_time.GetElapsedTime(_current.Began) >= SlotLength)
            {
                _current = new LiveSlot(_time.GetTimestamp());
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
                case TelemetryNames.Flow when of.Length == 0:
                case TelemetryNames.Model or TelemetryNames.Topic:
                    of = value as string ?? "";
                    break;
                case TelemetryNames.Flow or TelemetryNames.Hop or TelemetryNames.Step:
                    hop = value as string ?? "";
                    break;
                case TelemetryNames.Outcome or TelemetryNames.Cause:
                    outcome = value as string ?? "";
                    break;
            }
        }

        return new FigureKey(instrument, of, hop, outcome);
    }
}
