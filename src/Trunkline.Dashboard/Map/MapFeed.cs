using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using Trunkline.Client;
using Trunkline.Client.Api;

namespace Trunkline.Dashboard.Map;

/// <summary>What is written on the map, twice a second, for all that look at it: those that look at the same share one reading. Thread-safe.</summary>
internal sealed class MapFeed(TimeProvider time)
{
    /// <summary>How often.</summary>
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

    /// <summary>What is written on a map now.</summary>
    public async Task<MapWriting> ReadAsync(TrunklineClient client, MapQuestion question, CancellationToken cancellationToken)
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
                shared.Last = last = MapWriting.Of(await client.GetMapAsync(question, cancellationToken));
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

        public MapWriting? Last { get; set; }

        public long At { get; set; }
    }
}

/// <summary>What is written on a map, by the place in the picture it is written at.</summary>
/// <param name="Layout">Names what is drawn: where it differs, the picture must be drawn anew.</param>
/// <param name="Places">By place.</param>
internal sealed record MapWriting(string Layout, IReadOnlyDictionary<string, MapWritten> Places)
{
    /// <summary>What is written on a map.</summary>
    public static MapWriting Of(MapView map) => new(
        LayoutOf(map),
        map.Nodes.Select(n => (Place: NodePlace(n), Written: new MapWritten(MapWords.Foot(n), n.State, MapWords.Node(n))))
            .Concat(map.Edges.Select(e => (Place: EdgePlace(e), Written: new MapWritten(MapWords.Brief(e), MapWords.EdgeState(e), MapWords.Edge(e)))))
            .ToDictionary(p => p.Place, p => p.Written, StringComparer.Ordinal));

    /// <summary>Names what is drawn.</summary>
    public static string LayoutOf(MapView map) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', map.Nodes.Select(n => n.Id).Concat(map.Edges.Select(e => e.Id)))))[..8]);

    /// <summary>Where a node is written.</summary>
    public static string NodePlace(MapNode node) => "n-" + MapWords.Anchor(node.Id);

    /// <summary>Where an edge is written.</summary>
    public static string EdgePlace(MapEdge edge) => "e-" + MapWords.Anchor(edge.Id);

    /// <summary>What is not as a viewer has it; all, if another picture was drawn.</summary>
    public MapLetter Since(MapWriting? seen, long number) => new(
        number, Layout, Places.Where(p => seen is null || seen.Layout != Layout || !seen.Places.TryGetValue(p.Key, out var before) || before != p.Value).ToDictionary(p => p.Key, p => p.Value, StringComparer.Ordinal));
}

/// <summary>What is written at a place.</summary>
/// <param name="Text">In the picture.</param>
/// <param name="State">How it is: <c>good</c>, <c>warn</c>, <c>bad</c>.</param>
/// <param name="Title">In full.</param>
internal sealed record MapWritten(string Text, string State, string Title);

/// <summary>What a viewer is sent.</summary>
/// <param name="Number">Counts up from 1.</param>
/// <param name="Layout">Which picture it is for.</param>
/// <param name="Places">What is written anew.</param>
internal sealed record MapLetter(long Number, string Layout, IReadOnlyDictionary<string, MapWritten> Places);

/// <summary>How it is sent.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(MapLetter))]
internal sealed partial class MapJson : JsonSerializerContext;
