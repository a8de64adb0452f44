using System.Text.Json;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Server.Schemas.Registry;

/// <summary>Reads versions as the topic holds them. A schema stays bytes until somebody asks for it: a node that starts with 100,000 of them needs few.</summary>
internal static class StoredVersion
{
    /// <summary>A version with its schema unread.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public static SchemaVersion Read(ReadOnlyMemory<byte> json)
    {
        var reader = new Utf8JsonReader(json.Span);
        var (subject, version, id, state, content) = ((string?)null, 0, 0, VersionState.Live, ReadOnlyMemory<byte>.Empty);
        Expect(reader.Read() && reader.TokenType == JsonTokenType.StartObject);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("subject"u8))
            {
                Expect(reader.Read() && reader.TokenType == JsonTokenType.String);
                subject = reader.GetString();
            }
            else if (reader.ValueTextEquals("version"u8))
            {
                Expect(reader.Read() && reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out version));
            }
            else if (reader.ValueTextEquals("id"u8))
            {
                Expect(reader.Read() && reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out id));
            }
            else if (reader.ValueTextEquals("state"u8))
            {
                Expect(reader.Read() && reader.TokenType == JsonTokenType.String && Enum.TryParse(reader.GetString(), out state));
            }
            else
            {
                var isContent = reader.ValueTextEquals("content"u8);
                Expect(reader.Read());
                var from = (int)reader.TokenStartIndex;
                var isThere = isContent && reader.TokenType == JsonTokenType.StartObject;
                reader.Skip();
                content = isThere ? json[from..(int)reader.BytesConsumed] : content;
            }
        }

        Expect(subject is not null && version > 0 && id > 0);
        return new SchemaVersion { Subject = subject!, Version = version, Id = id, State = state, Stored = content };
    }

    /// <summary>The schema of a version, read now.</summary>
    /// <exception cref="BrokerException"><see cref="BrokerErrorCode.StoreDamaged"/> if it is none.</exception>
    public static SchemaContent? Content(SchemaVersion version)
    {
        if (version.Stored.IsEmpty)
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(version.Stored.Span, RegistryJson.Default.SchemaContent);
        }
        catch (JsonException failure)
        {
            throw new BrokerException(BrokerErrorCode.StoreDamaged, FormattableString.Invariant($"Version {version.Version} of subject '{version.Subject}' in '{SchemaRegistry.TopicName}' is not what Trunkline writes there."), failure);
        }
    }

    private static void Expect(bool holds)
    {
        if (!holds)
        {
            throw new JsonException("no version of a subject");
        }
    }
}
