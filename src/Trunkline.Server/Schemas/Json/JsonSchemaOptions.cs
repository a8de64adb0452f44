namespace Trunkline.Server.Schemas.Json;

/// <summary>How a schema is read.</summary>
internal sealed record JsonSchemaOptions
{
    /// <summary>Bytes a schema may have, with each of its references.</summary>
    public const int SizeMax = 10_000_000;

    /// <summary>The draft of a schema that names none.</summary>
    public Draft Default { get; init; } = Draft.Y2020;

    /// <summary>True to refuse values that do not have their <c>format</c>; else formats only describe.</summary>
    public bool AssertFormats { get; init; }

    /// <summary>True for a reader that fills in defaults: a required property that has one may be missing.</summary>
    public bool FillsDefaults { get; init; }

    /// <summary>Other schemas it may refer to, by address or relative name. Nothing else is ever looked for.</summary>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> References { get; init; } = new Dictionary<string, ReadOnlyMemory<byte>>();
}
