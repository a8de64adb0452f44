using System.Collections.Concurrent;
using Google.Protobuf.Reflection;
using Trunkline.Server.Schemas.Protobuf;
using Trunkline.Server.Schemas.Registry;

namespace Trunkline.Server.Schemas.Formats;

/// <summary>Protobuf: .proto files, or their compiled form in base64 as some clients send it.</summary>
internal sealed class ProtobufFormat : ISchemaFormat
{
    /// <inheritdoc/>
    public string Name => SchemaTypes.Protobuf;

    /// <inheritdoc/>
    public string Canonical(string text, bool normalize, IReadOnlyList<KeyValuePair<string, string>> references)
    {
        var schema = ProtobufSchema.Read(text, references, out var faults);
        return schema?.Text(normalize) ?? throw new SchemaFormatException(SchemaFault.Tell(faults));
    }

    /// <inheritdoc/>
    public IReadOnlyList<SchemaFault> Check(string text, IReadOnlyList<KeyValuePair<string, string>> references)
    {
        ProtobufSchema.Read(text, references, out var faults);
        return faults;
    }

    /// <inheritdoc/>
    public Func<bool, IReadOnlyList<Incompatibility>> Comparer(
        string newer, IReadOnlyList<KeyValuePair<string, string>> newerRefers, string older, IReadOnlyList<KeyValuePair<string, string>> olderRefers)
    {
        var (now, then) = (ProtobufSchema.Read(newer, newerRefers, out _)!.File, ProtobufSchema.Read(older, olderRefers, out _)!.File);
        return backward => backward ? ProtoDiff.Check(now, then) : ProtoDiff.Check(then, now);
    }

    /// <inheritdoc/>
    public PayloadCheck Checker(string text, IReadOnlyList<KeyValuePair<string, string>> references)
    {
        var file = ProtobufSchema.Read(text, references, out _)!.File;
        var shapes = new ConcurrentDictionary<MessageDescriptor, ProtoShape>();
        return (data, frame) => MessageIndexes.Find(file, frame.Span) is not { } type
            ? [new SchemaFault("", "protobuf", "", "the message indexes before it name no message of the schema")]
            : ProtoWalk.Check(shapes.GetOrAdd(type, ProtoShape.Of), data.Span) is { } fault ? [fault] : [];
    }

    /// <inheritdoc/>
    public int FrameLength(ReadOnlySpan<byte> afterId) => MessageIndexes.Length(afterId);

    /// <inheritdoc/>
    public string? Unnamed(string contentType) => contentType.Contains("protobuf", StringComparison.OrdinalIgnoreCase)
        ? null
        : "it does not begin with the id of a Protobuf schema, and its content type is not Protobuf";

    /// <summary>A registered schema in Protobuf's compiled form, base64.</summary>
    public static string Serialized(string text, IReadOnlyList<KeyValuePair<string, string>> references) =>
        Convert.ToBase64String(ProtobufSchema.Read(text, references, out _)!.Serialized());
}
