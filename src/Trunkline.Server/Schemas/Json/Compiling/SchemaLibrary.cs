using Trunkline.Server.Schemas.Json.Values;

namespace Trunkline.Server.Schemas.Json.Compiling;

/// <summary>The schemas that can be referred to: the one being read, its registered references, and the metaschemas of the drafts. Nothing is fetched.</summary>
internal sealed class SchemaLibrary(JsonSchemaOptions options, List<SchemaFault> faults)
{
    private const string Unnamed = "schema:///schema.json";
    private const int MetaschemasDeep = 8;

    private readonly Dictionary<string, SchemaResource> _resources = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ReadOnlyMemory<byte>> _waiting = new(StringComparer.Ordinal);
    private Draft _default = options.Default;
    private int _depth;

    /// <summary>Reads a schema text and remembers what is in it; null if it cannot be read.</summary>
    /// <param name="address">Where it stands; empty for the schema being read.</param>
    /// <param name="text">The text.</param>
    /// <param name="draft">Its draft, if it names none.</param>
    public SchemaDocument? Add(string address, ReadOnlyMemory<byte> text, Draft draft)
    {
        if (text.Length > JsonSchemaOptions.SizeMax)
        {
            faults.Add(new("", "", "", $"a schema may have {JsonSchemaOptions.SizeMax} bytes, this has {text.Length}"));
            return null;
        }

        var index = JsonIndex.Parse(text, out var problem);
        if (index is null)
        {
            faults.Add(new("", "", "", address.Length == 0 ? problem! : $"the reference {address} cannot be read: {problem}"));
            return null;
        }

        var isMain = address.Length == 0;
        if (isMain)
        {
            Register(Unnamed);
        }

        var schema = index.Find(0, "$schema"u8);
        var dialect = schema >= 0 && index[schema].Kind == JsonKind.String ? DialectOf(index.Text(schema), index, schema) : new Dialect(draft);
        if (dialect is null)
        {
            return null;
        }

        var at = UriReference.Split(UriReference.Resolve(isMain ? Unnamed : address, SchemaScan.IdOf(index, 0, dialect) ?? "")).Address;
        if (isMain)
        {
            _default = dialect.Draft;
            Register(at);
        }

        var document = new SchemaDocument(index);
        new SchemaScan(this, document).Run(new SchemaResource(document, 0, at, dialect));
        Remember(document, isMain ? Unnamed : address);
        return document;
    }

    /// <summary>The schema at an address; null if there is none.</summary>
    public SchemaResource? Find(string address)
    {
        if (_resources.TryGetValue(address, out var resource))
        {
            return resource;
        }

        if (_waiting.Remove(address, out var text))
        {
            Add(address, text, _default);
            return _resources.GetValueOrDefault(address);
        }

        if (Metaschemas.Find(address) is { } known)
        {
            Add(address, known, Draft.Y2020);
            return _resources.GetValueOrDefault(address);
        }

        // A reference may give itself another address than it was registered by.
        while (_waiting.Count > 0 && !_resources.ContainsKey(address))
        {
            var next = _waiting.Keys.First();
            _waiting.Remove(next, out var waiting);
            Add(next, waiting, _default);
        }

        return _resources.GetValueOrDefault(address);
    }

    /// <summary>The dialect that <c>$schema</c> means; null, with a fault, if it is not known.</summary>
    public Dialect? DialectOf(string address, JsonIndex index, int token)
    {
        var clean = address.TrimEnd('#');
        if (Metaschemas.DraftOf(clean) is { } draft)
        {
            return new Dialect(draft);
        }

        if (_depth < MetaschemasDeep)
        {
            _depth++;
            var custom = Find(clean);
            _depth--;
            if (custom is not null)
            {
                return WithVocabulary(custom, clean, index, token);
            }
        }

        Fault(index, token, "$schema", "this dialect is not known: use one of the drafts 4, 6, 7, 2019-09, 2020-12, or register its metaschema as a reference");
        return null;
    }

    /// <summary>Notes a fault of a schema.</summary>
    public void Fault(JsonIndex index, int token, string keyword, string message)
    {
        if (faults.Count < JsonSchema.FaultsMax)
        {
            var at = index.Pointer(token);
            faults.Add(new(at, keyword, at, message));
        }
    }

    private Dialect? WithVocabulary(SchemaResource metaschema, string address, JsonIndex index, int token)
    {
        var meta = metaschema.Document.Index;
        var dialect = metaschema.Dialect with { Metaschema = address };
        var vocabulary = meta.Find(metaschema.Root, "$vocabulary"u8);
        if (vocabulary < 0 || meta[vocabulary].Kind != JsonKind.Object)
        {
            return dialect;
        }

        dialect = dialect with { Validation = false };
        for (int at = vocabulary + 1, end = meta[vocabulary].Next; at < end; at = meta[at + 1].Next)
        {
            var name = meta.Text(at);
            if (!name.StartsWith("https://json-schema.org/draft/20", StringComparison.Ordinal))
            {
                if (meta[at + 1].Kind == JsonKind.True)
                {
                    Fault(index, token, "$schema", $"this dialect needs the vocabulary {name}, which is not known");
                    return null;
                }

                continue;
            }

            dialect = name[(name.LastIndexOf('/') + 1)..] switch
            {
                "validation" => dialect with { Validation = true },
                "format-assertion" => dialect with { FormatAssertion = true },
                _ => dialect,
            };
        }

        return dialect;
    }

    private void Register(string from)
    {
        foreach (var (name, text) in options.References)
        {
            _waiting.TryAdd(UriReference.Split(UriReference.Resolve(from, name)).Address, text);
        }
    }

    private void Remember(SchemaDocument document, string alias)
    {
        foreach (var resource in document.Resources)
        {
            if (!_resources.TryAdd(resource.Address, resource) && _resources[resource.Address].Document == document)
            {
                Fault(document.Index, resource.Root, resource.Dialect.IdKeyword, "this address is given twice");
            }
        }

        _resources.TryAdd(alias, document.Resources[0]);
    }
}
