using System.Collections.Concurrent;
using Trunkline.Client;
using Trunkline.Client.Api;

namespace Trunkline.Dashboard.Map;

/// <summary>
/// The map as it is now, for all that look at it: those that look at the same within half a second share one reading, what changed since the one before,
/// and what was drawn of it. Thread-safe.
/// </summary>
internal sealed class MapFeed(TimeProvider time, MapLayouts layouts)
{
    /// <summary>How often what is written on a map is sent.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    /// <summary>How many may look at a time.</summary>
    public const int ViewersMax = 200;

    private const int SharedMax = 64;

    private readonly ConcurrentDictionary<string, Shared> _shared = new(StringComparer.Ordinal);
    private int _viewers;

    /// <summary>Lets one more look; false if too many do.</summary>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _viewers) <= ViewersMax)
        {
            return true;
        }

        Interlocked.Decrement(ref _viewers);
        return false;
    }

    /// <summary>One has looked enough.</summary>
    public void Leave() => Interlocked.Decrement(ref _viewers);

    /// <summary>
    /// A map as it is now. What is shared is named by all of the question. Who asks is no part of it: the node answers all that may read alike, and its guard
    /// has turned away all others before a page or a stream begins. All that ask while it is read wait for the same answer, or for the same failure.
    /// </summary>
    /// <param name="connect">Asks the node; called once if it is to be asked. It is asked to the end even if who asked first has gone: others may wait.</param>
    /// <param name="question">Which map.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<MapReading> ReadAsync(Func<TrunklineClient> connect, MapQuestion question, CancellationToken cancellationToken)
    {
        if (_shared.Count >= SharedMax)
        {
            _shared.Clear();
        }

        var shared = _shared.GetOrAdd(question.Query, static _ => new Shared());
        lock (shared.Lock)
        {
            if (shared.Reading is not { } reading || (reading.IsCompleted && (!reading.IsCompletedSuccessfully || time.GetElapsedTime(shared.At) > Interval * 0.8)))
            {
                shared.Reading = reading = NextAsync(connect(), question, shared);
            }

            return reading.WaitAsync(cancellationToken);
        }
    }

    /// <summary>A map of a time before, which nobody shares.</summary>
    public MapReading Of(MapView map, MapQuestion question) => MapReading.Of(map, question, layouts, null);

    private async Task<MapReading> NextAsync(TrunklineClient client, MapQuestion question, Shared shared)
    {
        using (client)
        {
            shared.Last = MapReading.Of(await client.GetMapAsync(question, CancellationToken.None), question, layouts, shared.Last);
            shared.At = time.GetTimestamp();
            return shared.Last;
        }
    }

    private sealed class Shared
    {
        public Lock Lock { get; } = new();

        /// <summary>The reading that is made, or was made last.</summary>
        public Task<MapReading>? Reading { get; set; }

        /// <summary>The last that was made without a failure.</summary>
        public MapReading? Last { get; set; }

        public long At { get; set; }
    }
}
