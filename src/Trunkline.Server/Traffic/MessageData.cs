using System.Globalization;
using Google.Protobuf.Reflection;
using Trunkline.Messaging;
using Trunkline.Server.Schemas.Avro;
using Trunkline.Server.Schemas.Contracts;
using Trunkline.Server.Schemas.Fields;
using Trunkline.Server.Schemas.Formats;
using Trunkline.Server.Schemas.Protobuf;
using Trunkline.Server.Schemas.Registry;

namespace Trunkline.Server.Traffic;

/// <summary>What a message holds, as JSON whatever its format, with the schema it is held to. Not thread-safe.</summary>
internal sealed class MessageData(SchemaRegistry registry)
{
    private const int KnownMax = 256;

    private readonly ContractCheck _check = new(registry);
    private readonly Dictionary<(string Context, int Id), Known> _known = [];

    /// <summary>Reads a message.</summary>
    /// <param name="subject">The subject of its topic; null for none.</param>
    /// <param name="message">The message.</param>
    public ReadData Read(string? subject, Message message)
    {
        if (subject is null || _check.Find(subject, message, out var frame) is not var (version, data))
        {
            return new ReadData(message.Payload, "", null);
        }

        var known = KnownOf(SubjectName.Parse(subject).Context, version);
        var named = data.Length == message.Payload.Length && !ContractCheck.NamesInHeader(message) ? "" : string.Create(CultureInfo.InvariantCulture, $"version {version.Version}");
        if (version.Content!.Type == SchemaTypes.Json)
        {
            return new ReadData(data, named, known.Fields);
        }

        // What does not fit cannot be looked into.
        var (json, fields) = known.Proto is { } proto ? Proto(proto, frame, data) : (known.Avro is { } avro ? AvroToJson.Convert(avro, data) : null, known.Fields);
        return new ReadData(json is null ? null : (ReadOnlyMemory<byte>)json, named, fields);
    }

    private static (byte[]? Json, SchemaFields? Fields) Proto(KnownProto proto, ReadOnlyMemory<byte> frame, ReadOnlyMemory<byte> data)
    {
        if (MessageIndexes.Find(proto.File, frame.Span) is not { } type)
        {
            return (null, null);
        }

        if (!proto.Types.TryGetValue(type, out var known))
        {
            known = (ProtoShape.Of(type), new SchemaFields(ProtoFields.Of(type)));
            proto.Types.Add(type, known);
        }

        return (ProtoToJson.Convert(type, known.Shape, data), known.Fields);
    }

    private Known KnownOf(string context, SchemaVersion version)
    {
        if (_known.TryGetValue((context, version.Id), out var known))
        {
            return known;
        }

        if (_known.Count >= KnownMax)
        {
            _known.Clear();
        }

        var references = registry.View.Resolve(context, version.Content!);
        var avro = version.Content!.Type == SchemaTypes.Avro ? AvroFormat.Read(version.Content.Text, references, out _) : null;
        var proto = version.Content.Type == SchemaTypes.Protobuf ? ProtobufSchema.Read(version.Content.Text, references, out _) : null;
        return _known[(context, version.Id)] = new Known(proto is null ? SchemaFields.Of(version.Content, references) : null, avro, proto is null ? null : new KnownProto(proto.File, []));
    }

    private sealed record Known(SchemaFields? Fields, AvroSchema? Avro, KnownProto? Proto);

    /// <summary>A file may have many messages; a payload says which one it is.</summary>
    private sealed record KnownProto(FileDescriptor File, Dictionary<MessageDescriptor, (ProtoShape Shape, SchemaFields Fields)> Types);
}

/// <summary>What a message holds.</summary>
/// <param name="Json">Its data as JSON; null if it has no such form.</param>
/// <param name="Version">The schema it names; empty for none.</param>
/// <param name="Fields">The fields of that schema, or of the newest; null for none.</param>
internal readonly record struct ReadData(ReadOnlyMemory<byte>? Json, string Version, SchemaFields? Fields);
