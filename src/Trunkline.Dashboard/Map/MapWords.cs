using System.Globalization;
using System.Net;
using System.Text;
using Trunkline.Client.Api;
using Trunkline.Dashboard.Data;

namespace Trunkline.Dashboard.Map;

/// <summary>What the map says in words. All text of names is encoded where it becomes markup, and kept short; direction and control marks become visible.</summary>
internal static class MapWords
{
    private const int NameMax = 18;

    /// <summary>Of a map that is made so small that only large letters can be read.</summary>
    private const int FarNameMax = 9;
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

    /// <summary>The lines of text in a node, as markup. Its title says the same and more: a screen reader has that.</summary>
    public static string Lines(MapNode node, double x, double y, bool far = false)
    {
        var text = new StringBuilder();
        Line(text, "kind", x + 12, y + 15, node.Kind);
        Line(text, "name", x + 12, y + 31, Readable.Short(node.Name, far ? FarNameMax : NameMax));
        Line(text, "below written", x + 12, y + 46, Foot(node));
        return text.ToString();
    }

    private static string Below(MapNode node) => node.Trouble is not null && node.State != "good" ? node.Trouble : node.Kind switch
    {
        "topic" => $"{Readable.Count(node.Figures.Messages ?? 0)} held{Lag(node.Figures)}",
        "flow" => $"{Readable.Rate(node.Figures.PerSecond)}/s{Lag(node.Figures)}",
        "owner" => $"{node.Members} nodes · {Readable.Rate(node.Figures.PerSecond)}/s{Lag(node.Figures)}",
        "model" => $"{Readable.Rate(node.Figures.PerSecond)}/s{(node.Figures.P99Ms is { } ms ? " · " + Readable.Time(ms) : "")}",
        "sink" => $"{Readable.Rate(node.Figures.PerSecond)}/s{Lag(node.Figures)}",
        _ => node.Figures.LagMessages is null ? node.Owner ?? "" : $"lag {Readable.Count(node.Figures.LagMessages.Value)}",
    };

    private static string Lag(MapFigures figures) => figures.LagMessages is > 0
        ? $" · lag {Readable.Count(figures.LagMessages.Value)}{(figures.LagSeconds is { } seconds ? $", {Readable.Time(seconds * 1000)}" : "")}{(figures.LagPerSecond is >= 0.1 ? " ↑" : figures.LagPerSecond is <= -0.1 ? " ↓" : "")}"
        : "";

    private static string Figures(MapFigures figures)
    {
        List<string> said = [];
        Say(said, figures.PerSecond is not null, $"{Readable.Rate(figures.PerSecond)} a second");
        Say(said, figures.ErrorShare is > 0, FormattableString.Invariant($"{figures.ErrorShare * 100:0.##} % of tries failed"));
        Say(said, figures.P50Ms is not null, $"took {Readable.Time(figures.P50Ms)} (p50), {Readable.Time(figures.P95Ms)} (p95), {Readable.Time(figures.P99Ms)} (p99)");
        Say(said, figures.WaitP50Ms is not null, $"waited {Readable.Time(figures.WaitP50Ms)} (p50), {Readable.Time(figures.WaitP99Ms)} (p99)");
        Say(said, figures.LagMessages is not null, $"lag {figures.LagMessages} messages, {Readable.Time(figures.LagSeconds * 1000)}");
        Say(said, figures.LagPerSecond is not null && Math.Abs(figures.LagPerSecond.Value) >= 0.1, $"{(figures.LagPerSecond > 0 ? "growing" : "shrinking")} by {Readable.Rate(Math.Abs(figures.LagPerSecond ?? 0))} a second");
        Say(said, figures.Messages is not null, $"{figures.Messages} messages held");
        Say(said, figures.Coverage is < 1, FormattableString.Invariant($"of {figures.Coverage * 100:0.#} % both halves are known"));
        Say(said, figures.SkewMs is not null, $"the clock at its end is {Readable.Time(Math.Abs(figures.SkewMs ?? 0))} {(figures.SkewMs > 0 ? "ahead" : "behind")}");
        Say(said, figures.ParkedKeys is > 0, $"{figures.ParkedKeys} keys parked");
        Say(said, figures.Delayed is > 0, $"{figures.Delayed} wait for a later try");
        return string.Join(", ", said);
    }

    private static void Say(List<string> said, bool applies, string what)
    {
        if (applies)
        {
            said.Add(what);
        }
    }

    private static void Line(StringBuilder text, string of, double x, double y, string content) =>
        text.Append("<text class=\"").Append(of).Append("\" aria-hidden=\"true\" x=\"").Append(Number(x)).Append("\" y=\"").Append(Number(y)).Append("\">").Append(WebUtility.HtmlEncode(content)).Append("</text>");
}
