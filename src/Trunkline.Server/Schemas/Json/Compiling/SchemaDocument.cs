using Trunkline.Server.Schemas.Json.Values;

namespace Trunkline.Server.Schemas.Json.Compiling;

/// <summary>One schema text and the resources (schemas with an address of their own) in it.</summary>
internal sealed class SchemaDocument(JsonIndex index)
{
    /// <summary>The text.</summary>
    public JsonIndex Index => index;

    /// <summary>Its resources; the first is the whole.</summary>
    public List<SchemaResource> Resources { get; } = [];

    /// <summary>Resources by the token they begin at.</summary>
    public Dictionary<int, SchemaResource> Roots { get; } = [];
}

/// <summary>A schema with an address of its own.</summary>
internal sealed class SchemaResource(SchemaDocument document, int root, string address, Dialect dialect)
{
    /// <summary>The text it is in.</summary>
    public SchemaDocument Document => document;

    /// <summary>Where it begins.</summary>
    public int Root => root;

    /// <summary>Its address, without a fragment.</summary>
    public string Address => address;

    /// <summary>The keywords it speaks.</summary>
    public Dialect Dialect => dialect;

    /// <summary>Names of places in it.</summary>
    public Dictionary<string, int> Anchors { get; } = new(StringComparer.Ordinal);

    /// <summary>Those that references find along the way of evaluation; the empty name is <c>$recursiveAnchor</c>.</summary>
    public HashSet<string> DynamicAnchors { get; } = new(StringComparer.Ordinal);

    /// <summary>The compiled schemas of its dynamic names.</summary>
    public Dictionary<string, SchemaNode> DynamicNodes { get; } = new(StringComparer.Ordinal);
}
