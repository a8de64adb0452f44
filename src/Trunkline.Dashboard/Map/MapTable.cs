using Trunkline.Client.Api;
using Trunkline.Dashboard.Data;

namespace Trunkline.Dashboard.Map;

/// <summary>The parts of the table that says what the picture shows, as markup: a node with the hops that begin at it, those in trouble first.</summary>
internal sealed class MapTable
{
    private const int NameMax = 60;
    private const int TitleMax = 1000;

    private readonly Markup _markup = new();
    private readonly bool _isCompared;

    private MapTable(MapView map)
    {
        _isCompared = map.Against is not null;
        var leaving = map.Edges.ToLookup(edge => edge.From, StringComparer.Ordinal);
        Parts = [.. map.Nodes.OrderBy(node => node.State switch { "bad" => 0, "warn" => 1, _ => 2 }).Select(node => Part(node, leaving[node.Id]))];
    }

    /// <summary>Writes them.</summary>
    public static MapTable Of(MapView map) => new(map);

    /// <summary>Columns of the table; more where two times are compared.</summary>
    public static int Columns(bool isCompared) => isCompared ? 16 : 11;

    /// <summary>A part for each node.</summary>
    public IReadOnlyList<string> Parts { get; }

    private string Part(MapNode node, IEnumerable<MapEdge> leaving)
    {
        _markup.Add($"<tbody id=\"row-{MapWords.Anchor(node.Id)}\" tabindex=\"-1\"><tr class=\"group\"><th scope=\"rowgroup\" colspan=\"{Columns(_isCompared)}\"><span class=\"state {node.State}\">{node.State}</span> ");
        Name(node.Id, NameMax);
        foreach (var (address, name) in Leads(node))
        {
            _markup.Add($" <a class=\"lead\" href=\"{address}\">{name}</a>");
        }

        _markup.Add($" <small>{Said(node)}</small></th></tr>");
        foreach (var edge in leaving)
        {
            Row(edge);
        }

        return _markup.Add($"</tbody>").Take();
    }

    private void Row(MapEdge edge)
    {
        var f = edge.Figures;
        _markup.Add($"<tr><td data-label=\"To\">");
        Name(edge.To, 48);
        _markup.Add($"</td><td data-label=\"Hop\">{edge.Kind}</td>");
        Number("Per s", Readable.Rate(f.PerSecond));
        Number("Failed", Share(f.ErrorShare), f.ErrorShare > 0.01);
        Number("p50", Readable.Time(f.P50Ms));
        Number("p95", Readable.Time(f.P95Ms));
        Number("p99", Readable.Time(f.P99Ms));
        Number("Wait p50", Readable.Time(f.WaitP50Ms));
        Number("Wait p99", Readable.Time(f.WaitP99Ms));
        Number("Lag", f.LagMessages is { } lag ? Readable.Count(lag) : "–");
        Number("Oldest", Readable.Time(f.LagSeconds * 1000));
        if (_isCompared)
        {
            Compared(edge.Difference);
        }

        _markup.Add($"</tr>");
    }

    private void Compared(MapDifferenceView? difference)
    {
        var was = difference?.Was;
        _markup.Add($"<td data-label=\"Different\">{(difference is null ? "–" : Said(difference))}</td>");
        Number("Per s then", Readable.Rate(was?.PerSecond));
        Number("Failed then", Share(was?.ErrorShare));
        Number("p99 then", Readable.Time(was?.P99Ms));
        Number("Wait p99 then", Readable.Time(was?.WaitP99Ms));
    }

    // On a narrow screen a row is a list, which what is not known only makes longer. That it is a number is said once, in the style of the table.
    private void Number(string label, string text, bool isLow = false) => _ = text == "–"
        ? _markup.Add($"<td data-label=\"{label}\" class=\"none\">–</td>")
        : isLow ? _markup.Add($"<td data-label=\"{label}\" class=\"low\">{text}</td>")
        : _markup.Add($"<td data-label=\"{label}\">{text}</td>");

    /// <summary>A name from outside: harmless, and cut where it is long, with the whole of it as the title.</summary>
    private void Name(string name, int max)
    {
        var shown = Readable.Short(name, max);
        _ = shown == name ? _markup.Add($"{name}") : _markup.Add($"<span title=\"{Readable.Short(name, TitleMax)}\">{shown}</span>");
    }

    /// <summary>Pages on a node.</summary>
    private static IEnumerable<(string Address, string Name)> Leads(MapNode node)
    {
        var name = Uri.EscapeDataString(node.Name);
        return node.Kind switch
        {
            "flow" => [($"/flows/{name}", "flow"), ($"/why?flow={name}", "suspects"), ($"/path?flow={name}", "critical path"), ($"/outcomes?flow={name}", "outcomes")],
            "topic" => [($"/topics/{name}", "topic")],
            "model" => [("/models", "models")],
            "dead" => [("/dead", "dead letters")],
            "service" => [($"/traces?service={name}", "traces")],
            _ => [],
        };
    }

    private static string Said(MapNode node) => string.Join(" · ", new[]
    {
        node.Owner is { } owner && node.Kind != "owner" ? Readable.Short(owner, 60) : null,
        MapWords.Doing(node) is { Length: > 0 } doing ? doing : null,
        node.Figures.LagPerSecond is { } trend && Math.Abs(trend) >= 0.1 ? $"lag {(trend > 0 ? "grows" : "shrinks")} by {Readable.Rate(Math.Abs(trend))} a second" : null,
        node.Difference is { Kind: not "same" } difference ? Said(difference) : null,
        node.Trouble is { } trouble ? Readable.Short(trouble, 300) : null,
    }.OfType<string>());

    private static string Said(MapDifferenceView difference) => difference.Words.Count == 0 ? difference.Kind : string.Join(", ", difference.Words);

    private static string Share(double? share) => share is { } part ? FormattableString.Invariant($"{part * 100:0.##} %") : "–";
}
