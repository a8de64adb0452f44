using Trunkline.Client.Api;
using Trunkline.Dashboard.Data;

namespace Trunkline.Dashboard.Map;

/// <summary>
/// The picture as markup: hops, and nodes above them, each a piece of its own, since a text of the whole of a large map is dear to make. A node is a link to its
/// part of the table, so that the keyboard walks the map.
/// </summary>
internal sealed class MapPicture
{
    // Beyond this width small letters cannot be read any more once it fits: only names are written, in large ones.
    private const int FarWidth = 2000;

    // Of names, in the width of a node.
    private const int NameMax = 18;
    private const int FarNameMax = 9;

    private readonly MapQuestion _question;
    private readonly Markup _markup = new();

    private MapPicture(MapReading reading)
    {
        var (map, layout, writing) = (reading.Map, reading.Layout, reading.Writing);
        _question = reading.Question;
        Layout = layout;
        Pieces =
        [
            .. map.Edges.Select(edge => Hop(edge, layout.PathOf(edge), MapWriting.EdgePlace(edge), writing)),
            .. map.Nodes.Select(node => Stop(node, layout[node.Id], MapWriting.NodePlace(node), writing)),
        ];
    }

    /// <summary>Draws it.</summary>
    public static MapPicture Of(MapReading reading) => new(reading);

    /// <summary>Where things stand.</summary>
    public MapLayout Layout { get; }

    /// <summary>Its hops and nodes.</summary>
    public IReadOnlyList<string> Pieces { get; }

    /// <summary>Whether it is made to fit a wide screen. Whoever asks for everything wants to read it: that keeps its size.</summary>
    public bool IsFit => _question.Group is null or "auto" or "owner";

    /// <summary>Whether it is so wide that only names are written.</summary>
    public bool IsFar => IsFit && Layout.Width > FarWidth;

    private string Hop(MapEdge edge, MapPath path, string place, MapWriting writing)
    {
        var written = writing.Places[place];
        var loop = edge.Kind is "retry" or "dead" or "redrive" ? " loop" : "";
        var at = path.Place switch { LabelPlace.Source => " at-source", LabelPlace.Target => " at-target", _ => "" };
        return _markup.Add($"<g class=\"hop{loop} is-{written.State}{Mark(edge.Difference)}\" data-place=\"{place}\"><title>{written.Title}</title>")
            .Add($"<path d=\"{path.Line}\" marker-end=\"url(#tip)\"/><text class=\"written{at}\" x=\"{path.X}\" y=\"{path.Y}\">{written.Text}</text></g>").Take();
    }

    private string Stop(MapNode node, (double X, double Y) corner, string place, MapWriting writing)
    {
        var ((x, y), written) = (corner, writing.Places[place]);
        var round = node.Kind switch { "flow" => 8, "topic" => 26, _ => 2 };
        _markup.Add($"<a href=\"{Leads(node)}\" class=\"stop-{node.Kind} is-{node.State}{Mark(node.Difference)}\" data-place=\"{place}\"><title>{written.Title}</title>")
            .Add($"<rect x=\"{x}\" y=\"{y}\" width=\"{MapLayout.NodeWidth}\" height=\"{MapLayout.NodeHeight}\" rx=\"{round}\"/><g aria-hidden=\"true\">");

        // The title says the same and more: a screen reader has that.
        Line("kind", x, y + 15, node.Kind);
        Line("name", x, y + 31, Readable.Short(node.Name, IsFar ? FarNameMax : NameMax));
        Line("below written", x, y + 46, written.Text);
        return _markup.Add($"</g></a>").Take();
    }

    private void Line(string what, double x, double y, string text) => _markup.Add($"<text class=\"{what}\" x=\"{x + 12}\" y=\"{y}\">{text}</text>");

    private static string Mark(MapDifferenceView? difference) => difference is null or { Kind: "same" } ? "" : $" is-{difference.Kind}";

    /// <summary>From an owner to all of it, from anything else to its part of the table.</summary>
    private string Leads(MapNode node) => node.Kind == "owner" && node.Owner is not null
        ? MapBoard.Address(_question with { Owner = node.Owner, Group = "none" })
        : $"#row-{MapWords.Anchor(node.Id)}";
}
