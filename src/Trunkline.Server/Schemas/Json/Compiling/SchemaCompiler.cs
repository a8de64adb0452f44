using System.Globalization;
using System.Text;
using Trunkline.Server.Schemas.Json.Values;

namespace Trunkline.Server.Schemas.Json.Compiling;

/// <summary>Makes checks of a schema. What is referred to is compiled once, so schemas that refer to themselves are no trouble.</summary>
internal sealed class SchemaCompiler
{
    private readonly Dictionary<(SchemaDocument, int), SchemaNode> _nodes = [];
    private readonly Queue<SchemaNode> _left = new();
    private readonly HashSet<SchemaResource> _reached = [];
    private readonly JsonSchemaOptions _options;
    private bool _dynamic;

    /// <summary>A compiler for one schema.</summary>
    public SchemaCompiler(JsonSchemaOptions options)
    {
        _options = options;
        Library = new SchemaLibrary(options, Faults);
    }

    /// <summary>What is wrong with the schema.</summary>
    public List<SchemaFault> Faults { get; } = [];

    /// <summary>What can be referred to.</summary>
    public SchemaLibrary Library { get; }

    /// <summary>Compiles a schema and everything it needs.</summary>
    public SchemaNode Compile(SchemaResource resource, int token)
    {
        var root = NodeAt(resource, token);
        var any = _left.Count > 0;
        while (_left.TryDequeue(out var node))
        {
            new SchemaKeywords(this, node).Compile();
        }

        if (any && _dynamic)
        {
            foreach (var node in _nodes.Values)
            {
                node.EntersScope = true;
            }
        }

        return root;
    }

    /// <summary>True if formats are checked in a resource.</summary>
    public bool AssertsFormats(SchemaResource resource) => _options.AssertFormats || resource.Dialect.FormatAssertion;

    /// <summary>True if a required property that has a default may be missing.</summary>
    public bool FillsDefaults => _options.FillsDefaults;

    /// <summary>The schema at a place, compiled later if it was not yet.</summary>
    public SchemaNode NodeAt(SchemaResource resource, int token)
    {
        var document = resource.Document;
        if (!_nodes.TryGetValue((document, token), out var node))
        {
            node = new SchemaNode(document.Roots.GetValueOrDefault(token, resource), token);
            _nodes.Add((document, token), node);
            _left.Enqueue(node);
            Reach(node.Resource);
        }

        return node;
    }

    /// <summary>The schema a reference means; null, with a fault, if there is none.</summary>
    public SchemaNode? Resolve(SchemaNode from, int token, string keyword, out string fragment)
    {
        var index = from.Resource.Document.Index;
        var reference = index.Text(token);
        var (address, raw) = UriReference.Split(UriReference.Resolve(from.Resource.Address, reference));
        fragment = Uri.UnescapeDataString(raw);
        if (Library.Find(address) is not { } resource)
        {
            Library.Fault(index, token, keyword, $"refers to '{reference}', which is not in the schema and not registered as a reference; nothing is fetched");
            return null;
        }

        var target = fragment.Length == 0 ? (resource, resource.Root) : fragment[0] == '/' ? Walk(resource, fragment) : Named(resource, fragment);
        if (target is not { } found)
        {
            Library.Fault(index, token, keyword, $"refers to '{reference}', and there is no such place");
            return null;
        }

        return NodeAt(found.Item1, found.Item2);
    }

    /// <summary>Says that the schema has references that depend on the way of evaluation.</summary>
    public void UsesDynamicScope() => _dynamic = true;

    private void Reach(SchemaResource resource)
    {
        if (!_reached.Add(resource))
        {
            return;
        }

        foreach (var name in resource.DynamicAnchors)
        {
            resource.DynamicNodes[name] = NodeAt(resource, name.Length == 0 ? resource.Root : resource.Anchors[name]);
        }
    }

    private static (SchemaResource, int)? Named(SchemaResource resource, string name) => resource.Anchors.TryGetValue(name, out var token) ? (resource, token) : null;

    private static (SchemaResource, int)? Walk(SchemaResource resource, string pointer)
    {
        var index = resource.Document.Index;
        var at = resource.Root;
        foreach (var part in pointer[1..].Split('/'))
        {
            var name = part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            at = index[at].Kind == JsonKind.Array
                ? index.ItemAt(at, int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var place) ? place : -1)
                : index.Find(at, Encoding.UTF8.GetBytes(name));
            if (at < 0)
            {
                return null;
            }

            resource = resource.Document.Roots.GetValueOrDefault(at, resource);
        }

        return (resource, at);
    }
}
