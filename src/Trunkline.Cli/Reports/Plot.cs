using System.Globalization;
using System.Text;

namespace Trunkline.Cli.Reports;

/// <summary>Plots as inline SVG. Colours come from the page's style, so that both of its themes fit.</summary>
internal static class Plot
{
    private const double Width = 320;
    private const double Height = 150;
    private const double Left = 8;
    private const double Bottom = 22;
    private const double Top = 8;

    /// <summary>Two distributions over each other, as the share of messages at or below a value.</summary>
    /// <param name="title">What a reader who does not see it is told.</param>
    /// <param name="before">Quantiles of the incumbent, from the least to the most, evenly spaced.</param>
    /// <param name="after">The same of the candidate.</param>
    /// <param name="unit">Behind the numbers of the axis, such as <c> ms</c>.</param>
    public static string Distribution(string title, IReadOnlyList<double> before, IReadOnlyList<double> after, string unit)
    {
        // The last twentieth may be far out and would press all else into a corner.
        var low = Math.Min(before[0], after[0]);
        var high = Math.Max(before[^2], after[^2]);
        high = high > low ? high : low + 1;
        var svg = Begin(title, Height);
        Line(svg, Left, Height - Bottom, Width - Left, Height - Bottom, "axis");
        Line(svg, Left, Top, Width - Left, Top, "grid");
        Line(svg, Left, (Top + Height - Bottom) / 2, Width - Left, (Top + Height - Bottom) / 2, "grid");
        Curve(svg, before, "before", low, high);
        Curve(svg, after, "after", low, high);
        Text(svg, Left, Height - 6, "start", Number(low) + unit);
        Text(svg, Width - Left, Height - 6, "end", Number(high) + unit);
        return svg.Append("</svg>").ToString();
    }

    /// <summary>Counts before and after, side by side, one row a place.</summary>
    public static string Bars(string title, IReadOnlyList<(string Name, long Before, long After)> rows)
    {
        const double row = 46;
        var most = Math.Max(1, rows.Max(r => Math.Max(r.Before, r.After)));
        var svg = Begin(title, rows.Count * row);
        for (var i = 0; i < rows.Count; i++)
        {
            var (name, before, after) = rows[i];
            Text(svg, 0, (i * row) + 12, "start", name);
            Text(svg, Width, (i * row) + 12, "end", before == after ? Count(before) : $"{Count(before)} → {Count(after)}");
            Bar(svg, (i * row) + 18, Width * before / most, "before");
            Bar(svg, (i * row) + 28, Width * after / most, "after");
        }

        return svg.Append("</svg>").ToString();
    }

    /// <summary>Text made safe for HTML.</summary>
    public static string Escape(string text) => System.Net.WebUtility.HtmlEncode(Terminal.SafeText.Line(text, 300));

    /// <summary>A number with as many digits as are of use.</summary>
    public static string Number(double number) => number.ToString(Math.Abs(number) >= 100 ? "N0" : "0.####", CultureInfo.InvariantCulture);

    private static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    private static StringBuilder Begin(string title, double height) => new StringBuilder()
        .Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {Width} {height}\" role=\"img\" aria-label=\"{Escape(title)}\">");

    private static void Line(StringBuilder svg, double x1, double y1, double x2, double y2, string style) =>
        svg.Append(CultureInfo.InvariantCulture, $"<line class=\"{style}\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\"/>");

    private static void Text(StringBuilder svg, double x, double y, string anchor, string text) =>
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{Escape(text)}</text>");

    private static void Bar(StringBuilder svg, double y, double width, string style) =>
        svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"{style}\" x=\"0\" y=\"{y}\" height=\"8\" width=\"{Math.Max(width, 0.5):0.##}\" rx=\"2\"/>");

    private static void Curve(StringBuilder svg, IReadOnlyList<double> quantiles, string style, double low, double high)
    {
        svg.Append(CultureInfo.InvariantCulture, $"<polyline class=\"{style}\" points=\"");
        for (var i = 0; i < quantiles.Count; i++)
        {
            var x = Left + (Math.Clamp((quantiles[i] - low) / (high - low), 0, 1) * (Width - (2 * Left)));
            var y = Height - Bottom - ((double)i / (quantiles.Count - 1) * (Height - Bottom - Top));
            svg.Append(CultureInfo.InvariantCulture, $"{x:0.#},{y:0.#} ");
        }

        svg.Append("\"/>");
    }
}
