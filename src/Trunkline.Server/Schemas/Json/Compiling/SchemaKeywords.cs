using Trunkline.Server.Schemas.Json.Checks;
using Trunkline.Server.Schemas.Json.Values;

namespace Trunkline.Server.Schemas.Json.Compiling;

/// <summary>The keywords of one schema object, being made into checks.</summary>
internal sealed class SchemaKeywords(SchemaCompiler compiler, SchemaNode node)
{
    private readonly Dictionary<string, int> _values = new(StringComparer.Ordinal);
    private readonly List<SchemaCheck> _checks = [];

    /// <summary>The schema.</summary>
    public SchemaNode Node => node;

    /// <summary>Its text.</summary>
    public JsonIndex Index { get; } = node.Resource.Document.Index;

    /// <summary>Its draft.</summary>
    public Draft Draft => node.Resource.Dialect.Draft;

    /// <summary>True if formats are checked here.</summary>
    public bool AssertsFormats => compiler.AssertsFormats(node.Resource);

    /// <summary>True if a required property that has a default may be missing.</summary>
    public bool FillsDefaults => compiler.FillsDefaults;

    /// <summary>Makes the checks.</summary>
    public void Compile()
    {
        var kind = Index[node.Token].Kind;
        if (kind == JsonKind.False)
        {
            node.Kinds = KindMask.None;
        }

        if (kind != JsonKind.Object)
        {
            // Where draft 4 does not allow a boolean, its metaschema says so.
            if (kind is not (JsonKind.True or JsonKind.False))
            {
                compiler.Library.Fault(Index, node.Token, "", "a schema is an object or a boolean");
            }

            return;
        }

        for (int at = node.Token + 1, end = Index[node.Token].Next; at < end; at = Index[at + 1].Next)
        {
            if (!_values.TryAdd(Index.Text(at), at + 1))
            {
                compiler.Library.Fault(Index, at, Index.Text(at), "is there twice");
            }
        }

        Read();
        node.Complete(_checks);
    }

    /// <summary>Where a keyword's value is; -1 if it is not there, or not of these kinds.</summary>
    public int Value(string keyword, KindMask? kinds = null) =>
        _values.TryGetValue(keyword, out var token) && (kinds?.Has(Index[token].Kind) ?? true) ? token : -1;

    /// <summary>The schema that is a keyword's value; null if it is not there.</summary>
    public SchemaNode? Schema(string keyword) => Value(keyword) is >= 0 and var token ? At(token) : null;

    /// <summary>A schema at a place in this one.</summary>
    public SchemaNode At(int token) => compiler.NodeAt(node.Resource, token);

    /// <summary>A keyword's whole number; a fallback if it is not there.</summary>
    public long Number(string keyword, long fallback) =>
        Value(keyword, KindMask.Numbers) is >= 0 and var token
            ? (long)Math.Clamp(double.Parse(Index.Raw(token), System.Globalization.CultureInfo.InvariantCulture), 0, 1e15)
            : fallback;

    /// <summary>Adds a check.</summary>
    public void Add(SchemaCheck check) => _checks.Add(check);

    /// <summary>A pattern, or null with a fault.</summary>
    public SchemaPattern? Pattern(int token, string keyword)
    {
        var pattern = SchemaPattern.Read(Index.Text(token), out var problem);
        if (pattern is null)
        {
            compiler.Library.Fault(Index, token, keyword, problem!);
        }

        return pattern;
    }

    private void Read()
    {
        var dialect = node.Resource.Dialect;
        var reference = Value("$ref", KindMask.Strings);
        if (reference >= 0 && compiler.Resolve(node, reference, "$ref", out _) is { } target)
        {
            Add(new RefCheck(target));
        }

        if (reference >= 0 && dialect.RefStandsAlone)
        {
            return;
        }

        ReadDynamicReferences();
        if (dialect.Validation)
        {
            ValueKeywords.Add(this);
        }

        StructureKeywords.Add(this, dialect.Validation);
        CombiningKeywords.Add(this);
        if (Draft >= Draft.Y2019 && (Value("unevaluatedProperties") >= 0 || Value("unevaluatedItems") >= 0))
        {
            node.Unevaluated = new UnevaluatedRules(Schema("unevaluatedProperties"), Schema("unevaluatedItems"));
        }
    }

    private void ReadDynamicReferences()
    {
        var keyword = Draft switch { Draft.Y2019 => "$recursiveRef", Draft.Y2020 => "$dynamicRef", _ => null };
        if (keyword is null || Value(keyword, KindMask.Strings) is not (>= 0 and var token) || compiler.Resolve(node, token, keyword, out var name) is not { } target)
        {
            return;
        }

        if (!target.Resource.DynamicAnchors.Contains(name))
        {
            Add(new RefCheck(target));
            return;
        }

        compiler.UsesDynamicScope();
        Add(new DynamicRefCheck(name, target));
    }
}
