using System.Globalization;
using System.Text;
using Trunkline.Cli.Terminal;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Reports;

/// <summary>The map in the languages of two drawing tools. Names are made harmless for both.</summary>
internal static class MapGraphs
{
    /// <summary>A Mermaid flowchart.</summary>
    public static string Mermaid(MapView map)
    {
        var places = Places(map);
        var text = new StringBuilder("flowchart LR\n");
        foreach (var node in map.Nodes)
        {
            var (open, close) = node.Kind switch
            {
                "topic" => ("[(\"", "\")]"),
                "flow" => ("[\"", "\"]"),
                "model" => ("{{\"", "\"}}"),
                "dead" => ("[/\"", "\"/]"),
                _ => ("([\"", "\"])"),
            };
            text.Append("  ").Append(places[node.Id]).Append(open).Append(ForMermaid(Label(node))).Append(close).Append('\n');
        }

        foreach (var edge in map.Edges)
        {
            text.Append("  ").Append(places[edge.From]).Append(" -->|\"").Append(ForMermaid(Label(edge))).Append("\"| ").Append(places[edge.To]).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>A graph for dot.</summary>
    public static string Dot(MapView map)
    {
        var places = Places(map);
        var text = new StringBuilder("digraph trunkline {\n  rankdir=LR;\n  node [fontname=\"sans-serif\"];\n  edge [fontname=\"sans-serif\", fontsize=10];\n");
        foreach (var node in map.Nodes)
        {
            var shape = node.Kind switch
            {
                "topic" => "cylinder",
                "flow" => "box",
                "model" => "hexagon",
                "dead" => "note",
                _ => "ellipse",
            };
            text.Append("  ").Append(places[node.Id]).Append(" [shape=").Append(shape).Append(", label=\"").Append(ForDot(Label(node))).Append("\"];\n");
        }

        foreach (var edge in map.Edges)
        {
            text.Append("  ").Append(places[edge.From]).Append(" -> ").Append(places[edge.To]).Append(" [label=\"").Append(ForDot(Label(edge))).Append("\"];\n");
        }

        return text.Append("}\n").ToString();
    }

    /// <summary>A time in its fitting unit; null for none.</summary>
    public static string? Time(double? ms) => ms switch
    {
        null => null,
        < 1 => ms.Value.ToString("0.##", CultureInfo.InvariantCulture) + " ms",
        < 1000 => ms.Value.ToString("0", CultureInfo.InvariantCulture) + " ms",
        _ => (ms.Value / 1000).ToString("0.#", CultureInfo.InvariantCulture) + " s",
    };

    // Ids are ours alone: what a node is called never becomes part of the language.
    private static Dictionary<string, string> Places(MapView map) =>
        map.Nodes.Select((node, place) => (node.Id, Place: string.Create(CultureInfo.InvariantCulture, $"n{place}"))).ToDictionary(n => n.Id, n => n.Place, StringComparer.Ordinal);

    private static string Label(MapNode node) => SafeText.Line(node.Kind is "topic" or "flow" ? node.Name : $"{node.Kind} {node.Name}", 80);

    private static string Label(MapEdge edge) => edge.Kind
        + (edge.Figures.PerSecond is > 0 ? $" {Amount.Rate(edge.Figures.PerSecond)}/s" : "")
        + (Time(edge.Figures.P99Ms) is { } slow ? $", p99 {slow}" : "")
        + (Time(edge.Figures.WaitP99Ms) is { } wait ? $", wait {wait}" : "");

    private static string ForMermaid(string text) => text.Replace("#", "#35;", StringComparison.Ordinal).Replace("&", "#amp;", StringComparison.Ordinal)
        .Replace("\"", "#quot;", StringComparison.Ordinal).Replace("<", "#lt;", StringComparison.Ordinal).Replace(">", "#gt;", StringComparison.Ordinal)
        .Replace("`", "#96;", StringComparison.Ordinal).Replace("\\", "#92;", StringComparison.Ordinal);

    private static string ForDot(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
}
