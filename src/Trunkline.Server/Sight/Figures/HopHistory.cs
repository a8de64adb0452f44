using Trunkline.Messaging.Brokers;

namespace Trunkline.Server.Sight.Figures;

/// <summary>
/// Keeps the figures of hops: minutes for 48 hours, hours for 30 days, days for 24 months. A minute is kept when it is over; what was measured in the
/// minute a node stops in is kept then. One writer; reading is thread-safe.
/// </summary>
internal sealed class HopHistory(IBroker broker, HopFigures figures, TimeProvider time)
{
    private readonly FigureStore _store = new(broker, "hops");
    private readonly Dictionary<FigureKey, FigureValue> _open = [];
    private DateTimeOffset _minute = FigureStore.StartOf(FigureSpan.Minute, time.GetUtcNow());
    private long _taken = long.MinValue;

    /// <summary>Takes what was measured, and keeps the minute if it is over.</summary>
    public async Task KeepAsync(CancellationToken cancellationToken)
    {
        _taken = figures.Take(_taken, isLast: false, Add);
        var minute = FigureStore.StartOf(FigureSpan.Minute, time.GetUtcNow());
        if (minute > _minute)
        {
            await CloseAsync(minute, cancellationToken);
        }
    }

    /// <summary>Keeps all that was measured: for a node that stops.</summary>
    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        _taken = figures.Take(_taken, isLast: true, Add);
        await CloseAsync(_minute, cancellationToken);
    }

    /// <summary>What was kept between two times, by the shortest slots there are that far back.</summary>
    public async Task<KeptHops> ReadAsync(DateTimeOffset from, DateTimeOffset until, CancellationToken cancellationToken)
    {
        var age = time.GetUtcNow() - from;
        var span = Enum.GetValues<FigureSpan>().FirstOrDefault(s => age <= FigureStore.KeptFor(s), FigureSpan.Day);
        return new KeptHops(await _store.ReadAsync(span, FigureStore.StartOf(span, from), until, cancellationToken));
    }

    /// <summary>Adds counts to the minute that is not over. For the one that calls <see cref="KeepAsync"/> only.</summary>
    public void Add(FigureKey key, ReadOnlySpan<long> counts) => Add(key, FigureValue.Of(counts.ToArray()));

    private void Add(FigureKey key, long count, LatencySketch? times) => Add(key, FigureValue.Of(times, count));

    /// <summary>Adds counts and times, as <see cref="Add(FigureKey, ReadOnlySpan{long})"/>.</summary>
    public void Add(FigureKey key, FigureValue value)
    {
        if (!_open.TryGetValue(key, out var sum))
        {
            _open.Add(key, sum = new FigureValue());
        }

        sum.Add(value);
    }

    private async Task CloseAsync(DateTimeOffset next, CancellationToken cancellationToken)
    {
        if (_open.Count > 0)
        {
            var slot = new FigureSlot(FigureSpan.Minute, _minute, _open.ToDictionary(o => KeptHops.NameOf(o.Key), o => o.Value, StringComparer.Ordinal));
            await _store.AddAsync([slot], time.GetUtcNow(), cancellationToken);
            _open.Clear();
        }

        _minute = next;
    }
}

/// <summary>Figures of hops as they were kept. Immutable.</summary>
internal sealed class KeptHops : IHopFigures
{
    private const char Between = '|';

    private readonly Dictionary<FigureKey, FigureValue> _values = [];

    /// <param name="slots">The slots; several of one time are one.</param>
    public KeptHops(IReadOnlyList<FigureSlot> slots)
    {
        Seconds = slots.DistinctBy(s => s.Start).Sum(s => FigureStore.LengthOf(s.Span).TotalSeconds);
        foreach (var (name, value) in slots.SelectMany(s => s.Values))
        {
            if (name.Split(Between) is not [var instrument, var of, var hop, var outcome])
            {
                continue;
            }

            var key = new FigureKey(instrument, Read(of), Read(hop), outcome);
            if (!_values.TryGetValue(key, out var sum))
            {
                _values.Add(key, sum = new FigureValue());
            }

            sum.Add(value);
        }
    }

    /// <inheritdoc/>
    public double Seconds { get; }

    /// <summary>The name a key is kept by. The sign between its parts may be part of one.</summary>
    public static string NameOf(FigureKey key) => string.Join(Between, key.Instrument, Plain(key.Of), Plain(key.Hop), key.Outcome);

    /// <summary>What was kept by an instrument.</summary>
    public IEnumerable<KeyValuePair<FigureKey, FigureValue>> Of(string instrument) => _values.Where(v => v.Key.Instrument == instrument);

    private static string Plain(string part) => part.Replace("%", "%25", StringComparison.Ordinal).Replace("|", "%7C", StringComparison.Ordinal);

    private static string Read(string part) => part.Replace("%7C", "|", StringComparison.Ordinal).Replace("%25", "%", StringComparison.Ordinal);

    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<FigureKey, long>> Counts => _values.Where(v => v.Value.Counts.Length > 0).Select(v => KeyValuePair.Create(v.Key, v.Value.Counts[0]));

    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<FigureKey, LatencySketch>> Times => _values.Where(v => v.Value.Times is not null).Select(v => KeyValuePair.Create(v.Key, v.Value.Times!));

    /// <inheritdoc/>
    public long CountOf(Func<FigureKey, bool> fits) => Counts.Where(c => fits(c.Key)).Sum(c => c.Value);

    /// <summary>All counts of a key; empty if nothing was kept.</summary>
    public IReadOnlyList<long> CountsOf(FigureKey key) => _values.GetValueOrDefault(key)?.Counts ?? [];

    /// <inheritdoc/>
    public LatencySketch TimesOf(FigureKey key) => _values.GetValueOrDefault(key)?.Times ?? LatencySketch.None;
}
