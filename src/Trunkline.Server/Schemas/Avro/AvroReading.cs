using System.Globalization;
using System.Text.RegularExpressions;
using Trunkline.Server.Schemas.Json.Values;

namespace Trunkline.Server.Schemas.Avro;

/// <summary>Reads Avro schemas, and tells every fault with its place. Logical types that do not fit are ignored, as the specification asks.</summary>
internal sealed partial class AvroReading
{
    private const int FixedMax = 64 * 1024 * 1024;
    private static readonly AvroSchema s_broken = new(AvroType.Null);

    private readonly Dictionary<string, AvroSchema> _named = new(StringComparer.Ordinal);
    private readonly List<SchemaFault> _faults = [];
    private JsonIndex _text = null!;

    /// <summary>Reads a schema; null with every fault if it is none.</summary>
    /// <param name="text">The schema's JSON.</param>
    /// <param name="references">Schemas whose names it may use, those referred to first.</param>
    /// <param name="faults">What is wrong.</param>
    public static AvroSchema? Read(ReadOnlyMemory<byte> text, IEnumerable<ReadOnlyMemory<byte>> references, out IReadOnlyList<SchemaFault> faults)
    {
        var reading = new AvroReading();
        faults = reading._faults;
        foreach (var reference in references)
        {
            reading.ReadText(reference);
        }

        var schema = reading.ReadText(text);
        if (schema?.Depth > JsonIndex.DepthMax)
        {
            reading._faults.Add(new("", "", "", $"types are nested deeper than {JsonIndex.DepthMax} levels"));
        }

        return reading._faults.Count == 0 ? schema : null;
    }

    private AvroSchema? ReadText(ReadOnlyMemory<byte> text)
    {
        if (text.Length > Json.JsonSchemaOptions.SizeMax)
        {
            _faults.Add(new("", "", "", $"a schema may have {Json.JsonSchemaOptions.SizeMax} bytes"));
            return null;
        }

        using var index = JsonIndex.Parse(text, out var problem);
        if (index is null)
        {
            _faults.Add(new("", "", "", problem!));
            return null;
        }

        _text = index;
        return Read(0, "");
    }

    private AvroSchema Read(int token, string space) => _text[token].Kind switch
    {
        JsonKind.String => Named(token, _text.Text(token), space),
        JsonKind.Array => Union(token, space),
        JsonKind.Object => Object(token, space),
        _ => Fault(token, "", "a schema is a name, an object, or an array of schemas"),
    };

    private AvroSchema Named(int token, string name, string space)
    {
        if (Primitive(name) is { } type)
        {
            return new AvroSchema(type);
        }

        return _named.TryGetValue(Full(name, space), out var known) || (!name.Contains('.', StringComparison.Ordinal) && _named.TryGetValue(name, out known))
            ? known
            : Fault(token, "type", $"the type '{name}' is not known here");
    }

    private AvroSchema Union(int token, string space)
    {
        var branches = new List<AvroSchema>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (int at = token + 1, end = _text[token].Next; at < end; at = _text[at].Next)
        {
            var branch = Read(at, space);
            branches.Add(branch);
            if (branch.Type == AvroType.Union)
            {
                Fault(at, "", "a union may not directly contain a union");
            }
            else if (branch != s_broken && !seen.Add(branch.IsNamed ? branch.FullName : branch.TypeName))
            {
                Fault(at, "", $"the union has {(branch.IsNamed ? branch.FullName : branch.TypeName)} twice");
            }
        }

        return new AvroSchema(AvroType.Union) { Branches = branches };
    }

    private AvroSchema Object(int token, string space)
    {
        var type = _text.Find(token, "type"u8);
        if (type < 0)
        {
            return Fault(token, "type", "a schema needs a type");
        }

        if (_text[type].Kind != JsonKind.String)
        {
            return Read(type, space);
        }

        return _text.Text(type) switch
        {
            "record" or "error" => Record(token, space),
            "enum" => Enum(token, space),
            "fixed" => Fixed(token, space),
            "array" => new AvroSchema(AvroType.Array) { Items = Inner(token, "items"u8, "items", space) },
            "map" => new AvroSchema(AvroType.Map) { Items = Inner(token, "values"u8, "values", space) },
            var name => Named(type, name, space),
        };
    }

    private AvroSchema Inner(int token, ReadOnlySpan<byte> property, string name, string space) =>
        _text.Find(token, property) is >= 0 and var inner ? Read(inner, space) : Fault(token, name, $"{name} is missing");

    private AvroSchema Record(int token, string space)
    {
        var (full, aliases) = NameOf(token, ref space);
        var record = new AvroSchema(AvroType.Record) { FullName = full, Aliases = aliases };
        Define(token, record);
        var list = _text.Find(token, "fields"u8);
        if (list < 0 || _text[list].Kind != JsonKind.Array)
        {
            return Fault(token, "fields", "a record needs an array of fields");
        }

        var fields = new List<AvroField>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (int at = list + 1, end = _text[list].Next; at < end; at = _text[at].Next)
        {
            if (Field(at, space) is { } field)
            {
                fields.Add(field);
                if (!names.Add(field.Name))
                {
                    Fault(at, "name", $"the field '{field.Name}' is there twice");
                }
            }
        }

        record.Fields = fields;
        return record;
    }

    private AvroField? Field(int token, string space)
    {
        var name = _text.Find(token, "name"u8);
        var type = _text.Find(token, "type"u8);
        if (name < 0 || _text[name].Kind != JsonKind.String || !IsName(_text.Text(name)))
        {
            Fault(token, "name", "a field needs a name of letters, digits and _, not beginning with a digit");
            return null;
        }

        if (type < 0)
        {
            Fault(token, "type", "a field needs a type");
            return null;
        }

        if (_text.Find(token, "order"u8) is >= 0 and var order && _text.Text(order) is not ("ascending" or "descending" or "ignore"))
        {
            Fault(order, "order", "is ascending, descending or ignore");
        }

        var schema = Read(type, space);
        var value = _text.Find(token, "default"u8);
        if (value >= 0 && schema != s_broken && !new AvroDefaults(_text).Fits(schema, value))
        {
            Fault(value, "default", $"the default of '{_text.Text(name)}' is no value of its type");
        }

        return new AvroField(_text.Text(name), schema, value >= 0, [.. Texts(_text.Find(token, "aliases"u8))])
        {
            Default = value >= 0 ? _text.Json(value) : null,
        };
    }

    private AvroSchema Enum(int token, string space)
    {
        var (full, aliases) = NameOf(token, ref space);
        var list = _text.Find(token, "symbols"u8);
        if (list < 0 || _text[list].Kind != JsonKind.Array || Texts(list).Count() != _text[list].Count)
        {
            return Fault(token, "symbols", "an enum needs an array of symbols");
        }

        var symbols = Texts(list).ToList();
        foreach (var symbol in symbols.Where(symbol => !IsName(symbol)))
        {
            Fault(list, "symbols", $"'{symbol}' is no symbol: letters, digits and _, not beginning with a digit");
        }

        if (symbols.Distinct(StringComparer.Ordinal).Count() != symbols.Count)
        {
            Fault(list, "symbols", "a symbol is there twice");
        }

        var value = _text.Find(token, "default"u8);
        var fallback = value >= 0 && _text[value].Kind == JsonKind.String ? _text.Text(value) : null;
        if (value >= 0 && !symbols.Contains(fallback ?? ""))
        {
            Fault(value, "default", "the default is none of the symbols");
        }

        return Define(token, new AvroSchema(AvroType.Enum) { FullName = full, Aliases = aliases, Symbols = symbols, SymbolDefault = fallback });
    }

    private AvroSchema Fixed(int token, string space)
    {
        var (full, aliases) = NameOf(token, ref space);
        var size = _text.Find(token, "size"u8);
        if (size < 0 || _text[size].Kind != JsonKind.Number || !int.TryParse(_text.Raw(size), NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) || bytes > FixedMax)
        {
            return Fault(token, "size", $"a fixed needs a size from 0 to {FixedMax}");
        }

        return Define(token, new AvroSchema(AvroType.Fixed) { FullName = full, Aliases = aliases, Size = bytes });
    }

    private (string Full, IReadOnlyList<string> Aliases) NameOf(int token, ref string space)
    {
        var name = _text.Find(token, "name"u8);
        if (name < 0 || _text[name].Kind != JsonKind.String)
        {
            Fault(token, "name", "a record, enum or fixed needs a name");
            return ("", []);
        }

        var given = _text.Find(token, "namespace"u8);
        var outer = given >= 0 ? _text[given].Kind == JsonKind.String ? _text.Text(given) : "" : space;
        var full = Full(_text.Text(name), outer);
        if (!Array.TrueForAll(full.Split('.'), IsName) || Primitive(full) is not null)
        {
            Fault(name, "name", $"'{full}' is no name for a type");
        }

        space = full.LastIndexOf('.') is >= 0 and var dot ? full[..dot] : "";
        var here = space;
        return (full, [.. Texts(_text.Find(token, "aliases"u8)).Select(alias => Full(alias, here))]);
    }

    private AvroSchema Define(int token, AvroSchema schema)
    {
        if (schema.FullName.Length > 0 && !_named.TryAdd(schema.FullName, schema))
        {
            Fault(token, "name", $"the type '{schema.FullName}' is defined twice");
        }

        return schema;
    }

    private IEnumerable<string> Texts(int token) =>
        token < 0 ? [] : Json.Compiling.SchemaPlaces.Items(_text, token).Where(item => _text[item].Kind == JsonKind.String).Select(_text.Text);

    private static string Full(string name, string space) => name.Contains('.', StringComparison.Ordinal) ? name.TrimStart('.') : space.Length == 0 ? name : $"{space}.{name}";

    private static bool IsName(string name) => Name().IsMatch(name);

    private static AvroType? Primitive(string name) => name switch
    {
        "null" => AvroType.Null,
        "boolean" => AvroType.Boolean,
        "int" => AvroType.Int,
        "long" => AvroType.Long,
        "float" => AvroType.Float,
        "double" => AvroType.Double,
        "bytes" => AvroType.Bytes,
        "string" => AvroType.String,
        _ => null,
    };

    private AvroSchema Fault(int token, string keyword, string message)
    {
        if (_faults.Count < Json.JsonSchema.FaultsMax)
        {
            var at = _text.Pointer(token);
            _faults.Add(new(at, keyword, at, message));
        }

        return s_broken;
    }

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
