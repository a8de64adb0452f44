using System.Globalization;
using System.Text;
using Trunkline.Cli.Commands;
using Trunkline.Cli.Terminal;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Reports;

/// <summary>A comparison as one HTML page that needs nothing else: no script, no font, no address outside.</summary>
internal static class DiffPage
{
    private static readonly string Style = Resource("report.css");

    public static string Render(DiffDocument document, string candidate)
    {
        var page = new StringBuilder("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
            .Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")
            .Append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">")
            .Append("<title>Trunkline: replay of ").Append(Plot.Escape(candidate)).Append("</title><style>").Append(Style).Append("</style></head><body><main>")
            .Append("<h1>What <code>").Append(Plot.Escape(candidate)).Append("</code> would do</h1>")
            .Append("<p class=\"lead\">Recorded messages, run through the flows in force (twice, to learn what differs by itself) and through the candidate. ")
            .Append("<span class=\"key before\">in force</span> <span class=\"key after\">candidate</span></p>");
        foreach (var exceeded in document.Exceeded)
        {
            page.Append("<p class=\"exceeded\">Limit exceeded: ").Append(Plot.Escape(exceeded)).Append("</p>");
        }

        foreach (var flow in document.Flows)
        {
            Append(page, flow);
        }

        if (document.Flows.Count == 0)
        {
            page.Append("<p>No flow of the node reads a topic, so there is nothing recorded to run.</p>");
        }

        return page.Append("</main></body></html>\n").ToString();
    }

    private static void Append(StringBuilder page, ComparisonView flow)
    {
        page.Append("<section><h2>").Append(Plot.Escape(flow.Flow)).Append(" <span class=\"verdict ").Append(flow.Verdict).Append("\">")
            .Append(DiffText.Words(flow.Verdict)).Append("</span></h2><p>").Append(Plot.Escape(DiffText.Basis(flow))).Append(".</p><dl class=\"tiles\">");
        Tile(page, "messages", Amount.Count(flow.Messages), null);
        Tile(page, "would go elsewhere", Amount.Count(flow.Moved), flow.MovedShare is { } share && flow.Messages > 0
            ? string.Create(CultureInfo.InvariantCulture, $"{share.Share:0.##%}, interval {share.Low:0.##%} to {share.High:0.##%}")
            : null);
        Tile(page, "would arrive changed", Amount.Count(flow.Altered), null);
        Tile(page, "cannot be told", Amount.Count(flow.Undecided), flow.Undecided > 0 ? "an answer was not recorded" : null);
        page.Append("</dl>");
        AppendMoves(page, flow);
        AppendPlaces(page, flow);
        AppendFields(page, "Fields", flow.Fields);
        AppendShape(page, flow);
        AppendFields(page, "Models' answers", flow.Scores);
        AppendLatency(page, flow);
        page.Append("</section>");
    }

    private static void Tile(StringBuilder page, string name, string value, string? note)
    {
        page.Append("<div><dt>").Append(name).Append("</dt><dd>").Append(value);
        if (note is not null)
        {
            page.Append("<small>").Append(Plot.Escape(note)).Append("</small>");
        }

        page.Append("</dd></div>");
    }

    private static void AppendMoves(StringBuilder page, ComparisonView flow)
    {
        if (flow.Moves.Count > 0)
        {
            Table(page, "Moves", ["messages", "from", "to", "examples"], flow.Moves.Select(move => new[]
            {
                Amount.Count(move.Count), move.From, move.To,
                string.Join(", ", move.Examples.Take(3).Select(e => string.Create(CultureInfo.InvariantCulture, $"{e.Id} ({e.Partition}/{e.Offset})"))),
            }));
        }
    }

    private static void AppendPlaces(StringBuilder page, ComparisonView flow)
    {
        foreach (var (title, places) in new[] { ("Sinks", flow.Sinks), ("Branches", flow.Branches) })
        {
            if (places.Count > 0)
            {
                page.Append("<h3>").Append(title).Append("</h3><figure>")
                    .Append(Plot.Bars($"{title} of {flow.Flow}, before and after", [.. places.Select(place => (place.Name, place.Before, place.After))])).Append("</figure>");
            }
        }
    }

    private static void AppendFields(StringBuilder page, string title, IReadOnlyList<FieldDiffView> fields)
    {
        if (fields.Any(field => field.Changed > 0))
        {
            Table(page, title, ["messages", "field", "verdict", "moved by (95 % interval)", "examples"], fields.Where(field => field.Changed > 0).Select(field => new[]
            {
                Amount.Count(field.Changed), field.Path, DiffText.Words(field.Verdict) + (field.PValue is { } p ? string.Create(CultureInfo.InvariantCulture, $", p = {p:0.####}") : ""),
                field.Numbers is { } n ? $"{Plot.Number(n.Shift)} ({Plot.Number(n.Low)} to {Plot.Number(n.High)})" : "",
                string.Join(", ", field.Examples.Take(3).Select(e => $"{e.Id}: {e.Before} → {e.After}")),
            }));
        }

        var plots = fields.Where(field => field.Numbers is { Count: > 1 }).Take(12).ToArray();
        if (plots.Length > 0)
        {
            page.Append("<h3>").Append(title).Append(": share of messages at or below a value</h3><div class=\"plots\">");
            foreach (var field in plots)
            {
                page.Append("<figure><figcaption>").Append(Plot.Escape(field.Path)).Append("</figcaption>")
                    .Append(Plot.Distribution($"Distribution of {field.Path}", field.Numbers!.Before, field.Numbers.After, "")).Append("</figure>");
            }

            page.Append("</div>");
        }
    }

    private static void AppendShape(StringBuilder page, ComparisonView flow)
    {
        if (flow.Shape.Count > 0)
        {
            Table(page, "Shape", ["messages", "change", "field", "type", "verdict"], flow.Shape.Select(shape => new[]
            {
                Amount.Count(shape.Messages), shape.Kind, shape.Path, shape.Detail, DiffText.Words(shape.Verdict),
            }));
        }
    }

    private static void AppendLatency(StringBuilder page, ComparisonView flow)
    {
        if (flow.Latency.Count == 0)
        {
            return;
        }

        page.Append("<h3>Time: share of messages done within it</h3><div class=\"plots\">");
        foreach (var time in flow.Latency.OrderBy(time => time.Verdict == ComparisonVerdicts.Same).ThenBy(time => time.Kind, StringComparer.Ordinal))
        {
            page.Append("<figure><figcaption>").Append(Plot.Escape($"{time.Kind} {time.Name}")).Append(" <span class=\"verdict ").Append(time.Verdict).Append("\">")
                .Append(DiffText.Words(time.Verdict)).Append("</span></figcaption>");
            if (time.Before.Count > 0)
            {
                page.Append(Plot.Distribution($"Times of {time.Kind} {time.Name}", time.Before, time.After, " ms"));
            }

            page.Append("<p><small>").Append(Plot.Escape(DiffText.Time(time))).Append("</small></p></figure>");
        }

        page.Append("</div>");
    }

    private static void Table(StringBuilder page, string title, string[] columns, IEnumerable<string[]> rows)
    {
        page.Append("<h3>").Append(title).Append("</h3><div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"").Append(title).Append("\"><table><thead><tr>");
        foreach (var column in columns)
        {
            page.Append("<th scope=\"col\">").Append(column).Append("</th>");
        }

        page.Append("</tr></thead><tbody>");
        foreach (var row in rows)
        {
            page.Append("<tr>");
            foreach (var cell in row)
            {
                page.Append("<td>").Append(Plot.Escape(cell)).Append("</td>");
            }

            page.Append("</tr>");
        }

        page.Append("</tbody></table></div>");
    }

    private static string Resource(string name)
    {
        using var stream = typeof(DiffPage).Assembly.GetManifestResourceStream($"Trunkline.Cli.Reports.{name}")
            ?? throw new InvalidOperationException($"The program lacks its part {name}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
