namespace Trunkline.Server.Schemas.Avro;

/// <summary>An Avro schema. Immutable once read; records may contain themselves.</summary>
internal sealed class AvroSchema(AvroType type)
{
    /// <summary>Its type.</summary>
    public AvroType Type => type;

    /// <summary>Name with namespace, of records, enums and fixed; else empty.</summary>
    public string FullName { get; init; } = "";

    /// <summary>Name without namespace.</summary>
    public string Name => FullName[(FullName.LastIndexOf('.') + 1)..];

    /// <summary>Other full names a writer may have used.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>A record's fields.</summary>
    public IReadOnlyList<AvroField> Fields
    {
        get;
        set
        {
            field = value;
            Depth = 1 + value.Select(one => one.Schema.Depth).DefaultIfEmpty().Max();
        }
    } = [];

    /// <summary>An enum's symbols.</summary>
    public IReadOnlyList<string> Symbols { get; init; } = [];

    /// <summary>What a reader takes for a symbol it does not know; null for none.</summary>
    public string? SymbolDefault { get; init; }

    /// <summary>Bytes of a fixed.</summary>
    public int Size { get; init; }

    /// <summary>What an array or map holds.</summary>
    public AvroSchema? Items
    {
        get;
        init
        {
            field = value;
            Depth = 1 + (value?.Depth ?? 0);
        }
    }

    /// <summary>A union's branches.</summary>
    public IReadOnlyList<AvroSchema> Branches
    {
        get;
        init
        {
            field = value;
            Depth = 1 + value.Select(one => one.Depth).DefaultIfEmpty().Max();
        }
    } = [];

    /// <summary>How deep types are nested in it, by name too; where a record comes back to itself it counts once.</summary>
    public int Depth { get; private set; } = 1;

    /// <summary>The type's name as Avro writes it.</summary>
    public string TypeName => type.ToString().ToLowerInvariant();

    /// <summary>True for a type that has a name.</summary>
    public bool IsNamed => type is AvroType.Record or AvroType.Enum or AvroType.Fixed;
}

/// <summary>A field of a record.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Schema">What it holds.</param>
/// <param name="HasDefault">Whether a reader can do without it.</param>
/// <param name="Aliases">Other names a writer may have used.</param>
internal sealed record AvroField(string Name, AvroSchema Schema, bool HasDefault, IReadOnlyList<string> Aliases)
{
    /// <summary>The default as JSON; null for none.</summary>
    public string? Default { get; init; }
}
