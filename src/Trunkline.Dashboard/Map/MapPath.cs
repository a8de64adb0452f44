using System.Globalization;
using System.Text;
using Trunkline.Client.Api;

namespace Trunkline.Dashboard.Map;

/// <summary>The line of an edge in SVG's words, and where its label stands.</summary>
/// <param name="Line">For the attribute <c>d</c>.</param>
/// <param name="X">Where the label stands.</param>
/// <param name="Y">Its base line.</param>
/// <param name="Place">Whether its middle, its beginning or its end stands there.</param>
internal sealed record MapPath(string Line, double X, double Y, LabelPlace Place = LabelPlace.Middle)
{
    private const double TipWidth = 12;

    private const double LoopHeight = 22;

    /// <summary>The path of an edge.</summary>
    public static MapPath Of(MapLayout layout, MapEdge edge)
    {
        var points = layout.Points(edge);
        var line = new StringBuilder();
        Append(line, $"M{points[0].X:0.#} {points[0].Y:0.#}");
        if (layout.IsBack(edge))
        {
            // Above the node for a loop, below both for a way back.
            var sign = edge.From == edge.To ? -1 : 1;
            var height = LoopHeight * (edge.From == edge.To ? 1 : 1.6) * sign;
            var (from, to) = (points[0], points[1]);
            Append(line, $"C{from.X:0.#} {from.Y + height:0.#} {to.X:0.#} {to.Y + height:0.#} {to.X:0.#} {to.Y:0.#}");
            return new MapPath(line.ToString(), (from.X + to.X) / 2, (sign < 0 ? Math.Min(from.Y, to.Y) : Math.Max(from.Y, to.Y)) + height * 0.78);
        }

        for (var i = 1; i < points.Count; i++)
        {
            var (from, to) = (points[i - 1], points[i]);
            var half = (to.X - from.X) / 2;
            Append(line, $"C{from.X + half:0.#} {from.Y:0.#} {to.X - half:0.#} {to.Y:0.#} {to.X:0.#} {to.Y:0.#}");
        }

        return layout.LabelOf(edge) switch
        {
            LabelPlace.Source => new MapPath(line.ToString(), points[0].X + TipWidth, points[0].Y - 5, LabelPlace.Source),
            LabelPlace.Target => new MapPath(line.ToString(), points[^1].X - TipWidth, points[^1].Y - 5, LabelPlace.Target),
            _ => new MapPath(line.ToString(), (points[0].X + points[1].X) / 2, (points[0].Y + points[1].Y) / 2 - 5),
        };
    }

    private static void Append(StringBuilder line, FormattableString text) => line.Append(text.ToString(CultureInfo.InvariantCulture));
}
