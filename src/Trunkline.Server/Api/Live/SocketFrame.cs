using System.Text.Json;
using Trunkline.Messaging;
using Trunkline.Server.Api.Events;

namespace Trunkline.Server.Api.Live;

/// <summary>A frame a client sends: <c>{"id":"…","key":"…","data":…}</c>.</summary>
/// <param name="Id">What the client knows it by: it is answered with it, and a repeat is told by it.</param>
/// <param name="Key">The message's key; null for none.</param>
/// <param name="Data">The message's body, as it is written in the frame.</param>
internal sealed record SocketFrame(string Id, string? Key, ReadOnlyMemory<byte> Data)
{
    /// <summary>What a frame looks like, for who sent another.</summary>
    public const string Form = "a frame is {\"id\":\"1 to 128 characters\",\"data\":any JSON}, with \"key\" only where there are no tickets";

    private const int IdLengthMax = 128;
    private const int KeyLengthMax = 1024;

    /// <summary>The frame; null if it is none.</summary>
    public static SocketFrame? Read(ReadOnlyMemory<byte> bytes)
    {
        if (!JsonText.IsValue(bytes.Span))
        {
            return null;
        }

        var reader = new Utf8JsonReader(bytes.Span, JsonText.ReaderOptions);
        reader.Read();
        try
        {
            return reader.TokenType == JsonTokenType.StartObject ? ReadMembers(ref reader, bytes) : null;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair in a name, the id or the key.
            return null;
        }
    }

    public Message ToMessage(string source, MessageKey? key) => new()
    {
        Id = new MessageId(Id),
        Source = source,
        Key = key ?? (Key is null ? null : MessageKey.FromText(Key)),
        ContentType = "application/json",
        Payload = Data,
    };

    private static SocketFrame? ReadMembers(ref Utf8JsonReader reader, ReadOnlyMemory<byte> bytes)
    {
        string? id = null, key = null;
        ReadOnlyMemory<byte>? data = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString();
            reader.Read();
            var begins = (int)reader.TokenStartIndex;
            switch (name, reader.TokenType)
            {
                case ("id", JsonTokenType.String) when id is null:
                    id = reader.GetString();
                    break;
                case ("key", JsonTokenType.String) when key is null:
                    key = reader.GetString();
                    break;
                case ("data", _) when data is null:
                    reader.Skip();
                    data = bytes[begins..(int)reader.BytesConsumed];
                    break;
                default:
                    // Unknown, or given twice: neither is guessed at.
                    return null;
            }
        }

        return id is { Length: > 0 and <= IdLengthMax } && !id.Any(char.IsControl) && key is null or { Length: <= KeyLengthMax } && data is { } body ? new SocketFrame(id!, key, body) : null;
    }
}
