using System.Collections.Concurrent;
using Trunkline.Client;
using Trunkline.Client.Api;

namespace Trunkline.Dashboard.Map;

/// <summary>
/// The map as it is now, for all that look at it: those that look at the same within half a second share one reading, what changed since the one before,
/// and what was drawn of it. Thread-safe.
/// </summary>
internal sealed class MapFeed(TimeProvider time)
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
    /// has turned away all others before a page or a stream begins.
    /// </summary>
    public async Task<MapReading> ReadAsync(TrunklineClient client, MapQuestion question, CancellationToken cancellationToken)
    {
        if (_shared.Count >= SharedMax)
        {
            _shared.Clear();
        }

        var shared = _shared.GetOrAdd(question.Query, static _ => new Shared());
        await shared.Gate.WaitAsync(cancellationToken);
        try
        {
            if (shared.Last is not { } last || time.GetElapsedTime(shared.At) > Interval * 0.8)
            {
                shared.Last = last = MapReading.Of(await client.GetMapAsync(question, cancellationToken), shared.Last);
                shared.At = time.GetTimestamp();
            }

            return last;
        }
        finally
        {
            shared.Gate.Release();
        }
    }

    private sealed class Shared
    {
        public SemaphoreSlim Gate { get; } = new(1);

        public MapReading? Last { get; set; }

        public long At { get; set; }
    }
}
