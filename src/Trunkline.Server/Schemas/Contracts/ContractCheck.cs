using System.Buffers.Binary;
using System.Collections.Concurrent;
using Trunkline.Messaging;
using Trunkline.Server.Schemas.Formats;
using Trunkline.Server.Schemas.Registry;

namespace Trunkline.Server.Schemas.Contracts;

/// <summary>
/// Whether messages fit the subject of their topic. A message may name its schema as Confluent's clients do: before the payload (byte 0 and an
/// id, byte 1 and a GUID) or in the header <c>__value_schema_id</c>; it must be a schema of the subject. One that names none is held to the newest.
/// Thread-safe.
/// </summary>
internal sealed class ContractCheck(SchemaRegistry registry)
{
    /// <summary>The header that may name a message's schema.</summary>
    public const string SchemaHeader = "__value_schema_id";

    /// <summary>Bytes of a zero and an id.</summary>
    public const int IdBytes = 5;

    private const int GuidBytes = 17;
    private const int KnownMax = 1000;

    private readonly ConcurrentDictionary<(string Context, int Id), PayloadCheck> _known = new();

    /// <summary>Where a message does not fit; empty if it does, or if nothing is registered under the subject yet.</summary>
    public IReadOnlyList<SchemaFault> Check(string subject, Message message)
    {
        var name = SubjectName.Parse(subject);
        var versions = registry.View.Versions(name);
        if (Newest(versions) is not { } newest)
        {
            return [];
        }

        var payload = message.Payload;
        var header = message.Headers.FirstOrDefault(one => one.Name == SchemaHeader).Value;
        var inHeader = !header.IsEmpty;
        var (length, id) = Named((inHeader ? header : payload).Span, name.Context);
        if (length == 0)
        {
            return inHeader ? Refuse($"the header {SchemaHeader} names no schema") : Unnamed(name, newest, message);
        }

        return versions.FirstOrDefault(one => one.Id == id && one.State == VersionState.Live) is { } version
            ? inHeader ? Checker(name, version)(payload, header[length..]) : Prefixed(name, version, payload[length..])
            : Refuse($"the schema it names is none of subject '{subject}'");
    }

    private IReadOnlyList<SchemaFault> Prefixed(SubjectName subject, SchemaVersion version, ReadOnlyMemory<byte> afterId)
    {
        var frame = SchemaFormats.Get(version.Content!.Type).FrameLength(afterId.Span);
        return frame >= 0 ? Checker(subject, version)(afterId[frame..], afterId[..frame]) : Refuse("what follows the id does not say which message of the schema it is");
    }

    /// <summary>True if a message names its schema in a header, and its payload is bare.</summary>
    public static bool NamesInHeader(Message message) => message.Headers.Any(one => one.Name == SchemaHeader);

    /// <summary>Reads messages of a subject as one version of it.</summary>
    public VersionReader ReaderOf(string subject, int version) => new(registry, this, subject, version);

    /// <summary>The version a message is written with, the newest if it names none, and its data behind what names it; null if there is no such version.</summary>
    public (SchemaVersion Version, ReadOnlyMemory<byte> Data)? Find(string subject, Message message) => Find(subject, message, out _);

    /// <summary>The same, with what stands behind the name of the schema and says which message of it the data is; empty if nothing does.</summary>
    public (SchemaVersion Version, ReadOnlyMemory<byte> Data)? Find(string subject, Message message, out ReadOnlyMemory<byte> frame)
    {
        var name = SubjectName.Parse(subject);
        var versions = registry.View.Versions(name);
        var header = message.Headers.FirstOrDefault(one => one.Name == SchemaHeader).Value;
        var (length, id) = Named((header.IsEmpty ? message.Payload : header).Span, name.Context);
        var version = length == 0 ? Newest(versions) : versions.FirstOrDefault(one => one.Id == id && one.State == VersionState.Live);
        frame = default;
        if (version is null)
        {
            return null;
        }

        if (!header.IsEmpty)
        {
            frame = header[length..];
            return (version, message.Payload);
        }

        var data = message.Payload[length..];
        var framed = length == 0 ? 0 : Math.Max(0, SchemaFormats.Get(version.Content!.Type).FrameLength(data.Span));
        frame = data[..framed];
        return (version, data[framed..]);
    }

    private static SchemaVersion? Newest(IReadOnlyList<SchemaVersion> versions)
    {
        for (var i = versions.Count - 1; i >= 0; i--)
        {
            if (versions[i].State == VersionState.Live)
            {
                return versions[i];
            }
        }

        return null;
    }

    /// <summary>How many bytes name a schema, and its id; 0 bytes if none is named.</summary>
    private (int Length, int? Id) Named(ReadOnlySpan<byte> prefix, string context)
    {
        if (prefix.Length >= IdBytes && prefix[0] == 0)
        {
            return (IdBytes, BinaryPrimitives.ReadInt32BigEndian(prefix[1..]));
        }

        return prefix.Length >= GuidBytes && prefix[0] == 1 ? (GuidBytes, registry.View.IdOf(context, new Guid(prefix[1..GuidBytes], bigEndian: true))) : (0, null);
    }

    private IReadOnlyList<SchemaFault> Unnamed(SubjectName subject, SchemaVersion newest, Message message) =>
        SchemaFormats.Get(newest.Content!.Type).Unnamed(message.ContentType) is { } why ? Refuse(why) : Checker(subject, newest)(message.Payload, default);

    private PayloadCheck Checker(SubjectName subject, SchemaVersion version)
    {
        var key = (subject.Context, version.Id);
        if (_known.TryGetValue(key, out var known))
        {
            return known;
        }

        if (_known.Count >= KnownMax)
        {
            // Compiling anew costs little beside keeping schemas nobody uses any more.
            _known.Clear();
        }

        return _known[key] = SchemaFormats.Get(version.Content!.Type).Checker(version.Content.Text, registry.View.Resolve(subject.Context, version.Content));
    }

    private static IReadOnlyList<SchemaFault> Refuse(string why) => [new("", "schema", "", why)];
}
