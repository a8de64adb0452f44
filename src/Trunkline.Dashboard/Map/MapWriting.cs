using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Trunkline.Client.Api;

namespace Trunkline.Dashboard.Map;

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

    /// <summary>Names what is drawn: two maps have one name only if their nodes and hops are the same. Ids are told apart by their lengths, since those of services hold anything.</summary>
    public static string LayoutOf(MapView map)
    {
        var ids = new StringBuilder();
        foreach (var id in map.Nodes.Select(n => n.Id).Append("").Concat(map.Edges.Select(e => e.Id)))
        {
            ids.Append(id.Length).Append(' ').Append(id);
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ids.ToString()))[..16]);
    }

    /// <summary>Where a node is written.</summary>
    public static string NodePlace(MapNode node) => "n-" + MapWords.Anchor(node.Id);

    /// <summary>Where an edge is written.</summary>
    public static string EdgePlace(MapEdge edge) => "e-" + MapWords.Anchor(edge.Id);

    /// <summary>What is not as a viewer has it; all, if another picture was drawn.</summary>
    public MapLetter Since(MapWriting? seen, long number) => new(
        number, Layout, Places.Where(p => seen is null || seen.Layout != Layout || !seen.Places.TryGetValue(p.Key, out var before) || before != p.Value).ToDictionary(p => p.Key, p => p.Value, StringComparer.Ordinal));

    /// <summary>The same as a server-sent event; empty if nothing is different.</summary>
    public ReadOnlyMemory<byte> EventSince(MapWriting? seen, long number)
    {
        var letter = Since(seen, number);
        if (letter.Places.Count == 0 && seen?.Layout == Layout)
        {
            return default;
        }

        var json = JsonSerializer.Serialize(letter, MapJson.Default.MapLetter);
        return Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"id: {number}\ndata: {json}\n\n"));
    }
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
