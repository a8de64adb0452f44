using System.Buffers.Binary;
using System.Collections.Concurrent;
using Trunkline.Messaging;
using Trunkline.Server.Schemas.Avro;
using Trunkline.Server.Schemas.Evolution;
using Trunkline.Server.Schemas.Formats;
using Trunkline.Server.Schemas.Json;
using Trunkline.Server.Schemas.Registry;

namespace Trunkline.Server.Schemas.Contracts;

/// <summary>
/// Reads messages of a subject as one certain version of it: older ones upgraded, newer ones projected, so that producers and consumers move in either order. What comes out names the
/// version and fits it. Thread-safe.
/// </summary>
/// <param name="registry">The schemas.</param>
/// <param name="check">Finds the schema a message names.</param>
/// <param name="subject">The subject.</param>
/// <param name="version">The version.</param>
internal sealed class VersionReader(SchemaRegistry registry, ContractCheck check, string subject, int version)
{
    private const int KnownMax = 256;

    private readonly ConcurrentDictionary<int, AvroTranscoder?> _avro = new();
    private readonly Lock _lock = new();
    private JsonPlan? _json;

    /// <summary>True once the version is registered.</summary>
    public bool IsThere => registry.View.Versions(SubjectName.Parse(subject)).Any(one => one.Version == version && one.State != VersionState.Gone);

    /// <summary>The message in the version; null with the reason if it cannot be read as that.</summary>
    public Message? Read(Message message, out string? problem)
    {
        problem = null;
        var name = SubjectName.Parse(subject);
        var versions = registry.View.Versions(name);
        if (versions.FirstOrDefault(one => one.Version == version && one.State != VersionState.Gone) is not { } target)
        {
            problem = $"subject '{subject}' has no version {version}";
            return null;
        }

        if (check.Find(subject, message) is not var (written, data))
        {
            problem = $"it names a schema that is none of subject '{subject}'";
            return null;
        }

        var isNamed = data.Length < message.Payload.Length || ContractCheck.NamesInHeader(message);
        if (isNamed && written.Id == target.Id)
        {
            return message;
        }

        if (target.Content!.Type is not (SchemaTypes.Avro or SchemaTypes.Json))
        {
            // Protobuf's data evolves by itself: its readers pass over what they do not know and have a default for all.
            return message;
        }

        var read = target.Content.Type == SchemaTypes.Avro ? Avro(name, written, target, data, ref problem) : Json(name, versions, target, data, ref problem);
        return read is not { } payload ? null : isNamed ? Named(message, target.Id, payload) : With(message, payload, message.Headers);
    }

    private ReadOnlyMemory<byte>? Avro(SubjectName name, SchemaVersion written, SchemaVersion target, ReadOnlyMemory<byte> data, ref string? problem)
    {
        if (_avro.Count > KnownMax)
        {
            _avro.Clear();
        }

        var transcoder = _avro.GetOrAdd(written.Id, _ => AvroOf(name, target) is { } reader && AvroOf(name, written) is { } writer ? new AvroTranscoder(reader, writer) : null);
        var read = transcoder is null ? null : transcoder.Convert(data, out problem);
        if (read is null)
        {
            problem = $"it cannot be read as version {version} of subject '{subject}': {problem ?? "it is written in another format"}";
            return null;
        }

        return read;
    }

    private AvroSchema? AvroOf(SubjectName name, SchemaVersion one) =>
        one.Content!.Type == SchemaTypes.Avro ? AvroFormat.Read(one.Content.Text, registry.View.Resolve(name.Context, one.Content), out _) : null;

    private ReadOnlyMemory<byte>? Json(SubjectName name, IReadOnlyList<SchemaVersion> versions, SchemaVersion target, ReadOnlyMemory<byte> data, ref string? problem)
    {
        var plan = PlanOf(name, versions, target);
        var read = plan.Projection.Convert(data);
        var faults = read is { } document ? plan.Schema.Check(document) : [];
        if (read is null || faults.Count > 0)
        {
            problem = $"it cannot be read as version {version} of subject '{subject}': {(read is null ? "it is not JSON" : $"{faults[0].At} {faults[0].Message}".TrimStart())}";
            return null;
        }

        return read;
    }

    /// <summary>Made anew when a version comes: it may know other names.</summary>
    private JsonPlan PlanOf(SubjectName name, IReadOnlyList<SchemaVersion> versions, SchemaVersion target)
    {
        lock (_lock)
        {
            if (_json is null || _json.Versions != versions.Count)
            {
                var shapes = versions.Where(one => one.Content?.Type == SchemaTypes.Json).Select(one => JsonShape.Of(one.Content!.Text, OptionsOf(name, one.Content))).ToList();
                var schema = JsonSchemaFormat.Read(target.Content!.Text, registry.View.Resolve(name.Context, target.Content!), out _)!;
                _json = new JsonPlan(versions.Count, new JsonProjection(JsonShape.Of(target.Content!.Text, OptionsOf(name, target.Content)), shapes), schema);
            }

            return _json;
        }
    }

    private JsonSchemaOptions OptionsOf(SubjectName name, SchemaContent content) => JsonSchemaFormat.Options(registry.View.Resolve(name.Context, content));

    /// <summary>The message with the id of another schema where it named its own.</summary>
    private static Message Named(Message message, int id, ReadOnlyMemory<byte> payload)
    {
        var prefix = new byte[ContractCheck.IdBytes];
        BinaryPrimitives.WriteInt32BigEndian(prefix.AsSpan(1), id);
        if (ContractCheck.NamesInHeader(message))
        {
            return With(message, payload, Headers.Of(message.Headers.Where(one => one.Name != ContractCheck.SchemaHeader).Append(new Header(ContractCheck.SchemaHeader, prefix))));
        }

        return With(message, (byte[])[.. prefix, .. payload.Span], message.Headers);
    }

    private static Message With(Message message, ReadOnlyMemory<byte> payload, Headers headers) => new()
    {
        Id = message.Id,
        Source = message.Source,
        Time = message.Time,
        Key = message.Key,
        ContentType = message.ContentType,
        Headers = headers,
        Payload = payload,
    };

    private sealed record JsonPlan(int Versions, JsonProjection Projection, JsonSchema Schema);
}
