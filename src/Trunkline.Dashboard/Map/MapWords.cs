using System.Globalization;
using System.Text;
using Trunkline.Client.Api;
using Trunkline.Dashboard.Data;

namespace Trunkline.Dashboard.Map;

/// <summary>What the map says in words. All text of names is encoded where it becomes markup, and kept short; direction and control marks become visible.</summary>
internal static class MapWords
{
    private const int FiguresMax = 26;

    /// <summary>A number as SVG writes it.</summary>
    public static string Number(double number) => number.ToString("0.#", CultureInfo.InvariantCulture);

    /// <summary>A part of an address for an id.</summary>
    public static string Anchor(string id)
    {
        var anchor = new StringBuilder(2 * id.Length);
        foreach (var c in id)
        {
            _ = char.IsAsciiLetterOrDigit(c) ? anchor.Append(c) : anchor.Append(CultureInfo.InvariantCulture, $"_{(int)c:x}_");
        }

        return anchor.ToString();
    }

    /// <summary>A node in one line.</summary>
    public static string Node(MapNode node) =>
        Readable.Safe($"{node.Kind} {node.Name}{(node.Owner is null ? "" : $" of {node.Owner}")}, {node.State}{(node.Trouble is null ? "" : $": {node.Trouble}")}. {Figures(node.Figures)}");

    /// <summary>What stands below a node's name.</summary>
    public static string Foot(MapNode node) => Readable.Short(Below(node), FiguresMax);

    /// <summary>Whether a hop fails.</summary>
    public static string EdgeState(MapEdge edge) => edge.Figures.ErrorShare > 0.01 ? "warn" : "good";

    /// <summary>An edge in one line.</summary>
    public static string Edge(MapEdge edge) => Readable.Safe($"{edge.From} to {edge.To}, {edge.Kind}. {Figures(edge.Figures)}");

    /// <summary>What stands on an edge.</summary>
    public static string Brief(MapEdge edge)
    {
        var rate = edge.Figures.PerSecond is > 0 ? Readable.Rate(edge.Figures.PerSecond) + "/s" : "";
        var slow = edge.Figures.P99Ms is { } ms ? Readable.Time(ms) : "";
        return rate.Length > 0 && slow.Length > 0 ? $"{rate} · {slow}" : rate + slow;
    }

    /// <summary>What a node does or holds; empty if that is not known.</summary>
    public static string Doing(MapNode node) => node.Kind switch
    {
        "topic" => node.Figures.Messages is { } held ? $"{Readable.Count(held)} held{Lag(node.Figures)}" : "",
        "flow" => $"{Readable.Rate(node.Figures.PerSecond)}/s{Lag(node.Figures)}",
        "owner" => $"{node.Members} nodes · {Readable.Rate(node.Figures.PerSecond)}/s{Lag(node.Figures)}",
        "model" => $"{Readable.Rate(node.Figures.PerSecond)}/s{(node.Figures.P99Ms is { } ms ? " · " + Readable.Time(ms) : "")}",
        "sink" => $"{Readable.Rate(node.Figures.PerSecond)}/s{Lag(node.Figures)}",
        _ => node.Figures.LagMessages is { } lag ? $"lag {Readable.Count(lag)}" : "",
    };

    private static string Below(MapNode node) => node.Trouble is not null && node.State != "good" ? node.Trouble : Doing(node) is { Length: > 0 } doing ? doing : node.Owner ?? "";

    private static string Lag(MapFigures figures) => figures.LagMessages is > 0
        ? $" · lag {Readable.Count(figures.LagMessages.Value)}{(figures.LagSeconds is { } seconds ? $", {Readable.Time(seconds * 1000)}" : "")}{(figures.LagPerSecond is >= 0.1 ? " ↑" : figures.LagPerSecond is <= -0.1 ? " ↓" : "")}"
        : "";

    private static string Figures(MapFigures figures) => string.Join(", ", new[]
    {
        figures.PerSecond is null ? null : $"{Readable.Rate(figures.PerSecond)} a second",
        figures.ErrorShare is > 0 ? FormattableString.Invariant($"{figures.ErrorShare * 100:0.##} % of tries failed") : null,
        figures.P50Ms is null ? null : $"took {Readable.Time(figures.P50Ms)} (p50), {Readable.Time(figures.P95Ms)} (p95), {Readable.Time(figures.P99Ms)} (p99)",
        figures.WaitP50Ms is null ? null : $"waited {Readable.Time(figures.WaitP50Ms)} (p50), {Readable.Time(figures.WaitP99Ms)} (p99)",
        figures.LagMessages is null ? null : $"lag {figures.LagMessages} messages, {Readable.Time(figures.LagSeconds * 1000)}",
        figures.LagPerSecond is { } trend && Math.Abs(trend) >= 0.1 ? $"{(trend > 0 ? "growing" : "shrinking")} by {Readable.Rate(Math.Abs(trend))} a second" : null,
        figures.Messages is null ? null : $"{figures.Messages} messages held",
        figures.Coverage is < 1 ? FormattableString.Invariant($"of {figures.Coverage * 100:0.#} % both halves are known") : null,
        figures.SkewMs is { } skew ? $"the clock at its end is {Readable.Time(Math.Abs(skew))} {(skew > 0 ? "ahead" : "behind")}" : null,
        figures.ParkedKeys is > 0 ? $"{figures.ParkedKeys} keys parked" : null,
        figures.Delayed is > 0 ? $"{figures.Delayed} wait for a later try" : null,
    }.OfType<string>());
}
