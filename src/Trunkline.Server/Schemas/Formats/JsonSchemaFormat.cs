using System.Text;
using Trunkline.Server.Schemas.Json;
using Trunkline.Server.Schemas.Json.Compatibility;
using Trunkline.Server.Schemas.Registry;

namespace Trunkline.Server.Schemas.Formats;

/// <summary>JSON Schema. One that names no draft is of draft 7, as with Confluent's registry.</summary>
internal sealed class JsonSchemaFormat : ISchemaFormat
{
    /// <inheritdoc/>
    public string Name => SchemaTypes.Json;

    /// <inheritdoc/>
    public string Canonical(string text, bool normalize, IReadOnlyList<KeyValuePair<string, string>> references) => JsonText.Compact(text, normalize);

    /// <inheritdoc/>
    public IReadOnlyList<SchemaFault> Check(string text, IReadOnlyList<KeyValuePair<string, string>> references)
    {
        Read(text, references, out var faults);
        return faults;
    }

    /// <inheritdoc/>
    public Func<bool, IReadOnlyList<Incompatibility>> Comparer(
        string newer, IReadOnlyList<KeyValuePair<string, string>> newerRefers, string older, IReadOnlyList<KeyValuePair<string, string>> olderRefers) => backward => backward
        ? JsonSchemaDiff.Check(newer, Options(newerRefers), older, Options(olderRefers))
        : JsonSchemaDiff.Check(older, Options(olderRefers), newer, Options(newerRefers));

    /// <inheritdoc/>
    public PayloadCheck Checker(string text, IReadOnlyList<KeyValuePair<string, string>> references)
    {
        var schema = Read(text, references, out _)!;
        return (data, _) => schema.Check(data);
    }

    /// <inheritdoc/>
    public int FrameLength(ReadOnlySpan<byte> afterId) => 0;

    /// <inheritdoc/>
    public string? Unnamed(string contentType) => null;

    /// <summary>Reads a schema; null with its faults if it is none.</summary>
    public static JsonSchema? Read(string text, IReadOnlyList<KeyValuePair<string, string>> references, out IReadOnlyList<SchemaFault> faults) =>
        JsonSchema.Read(Encoding.UTF8.GetBytes(text), Options(references), out faults);

    /// <summary>How a schema is read.</summary>
    public static JsonSchemaOptions Options(IReadOnlyList<KeyValuePair<string, string>> references) => new()
    {
        Default = Draft.Seven,
        References = references.DistinctBy(reference => reference.Key).ToDictionary(
            reference => reference.Key, reference => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(reference.Value), StringComparer.Ordinal),
    };
}
