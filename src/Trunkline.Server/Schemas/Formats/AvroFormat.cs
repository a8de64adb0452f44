using System.Text;
using Trunkline.Server.Schemas.Avro;
using Trunkline.Server.Schemas.Registry;

namespace Trunkline.Server.Schemas.Formats;

/// <summary>Avro.</summary>
internal sealed class AvroFormat : ISchemaFormat
{
    /// <inheritdoc/>
    public string Name => SchemaTypes.Avro;

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
        string newer, IReadOnlyList<KeyValuePair<string, string>> newerRefers, string older, IReadOnlyList<KeyValuePair<string, string>> olderRefers)
    {
        var (now, then) = (Read(newer, newerRefers, out _)!, Read(older, olderRefers, out _)!);
        return backward => backward ? AvroResolution.Check(now, then) : AvroResolution.Check(then, now);
    }

    /// <inheritdoc/>
    public PayloadCheck Checker(string text, IReadOnlyList<KeyValuePair<string, string>> references)
    {
        var schema = Read(text, references, out _)!;
        return (data, _) => AvroWalk.Check(schema, data.Span) is { } fault ? [fault] : [];
    }

    /// <inheritdoc/>
    public int FrameLength(ReadOnlySpan<byte> afterId) => 0;

    /// <inheritdoc/>
    public string? Unnamed(string contentType) =>
        contentType.Contains("avro", StringComparison.OrdinalIgnoreCase) ? null : "it does not begin with the id of an Avro schema, and its content type is not Avro";

    /// <summary>Reads a schema; null with its faults if it is none.</summary>
    public static AvroSchema? Read(string text, IReadOnlyList<KeyValuePair<string, string>> references, out IReadOnlyList<SchemaFault> faults) =>
        AvroReading.Read(Encoding.UTF8.GetBytes(text), references.Select(reference => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(reference.Value)), out faults);
}
