using System.Text.Json;
using Trunkline.Messaging;
using Trunkline.Server.Connectors;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Api.Live;

/// <summary>What a client is sent: a closed family.</summary>
internal abstract record LiveItem
{
    private LiveItem()
    {
    }

    /// <summary>A message.</summary>
    /// <param name="Stored">It, and where it stands.</param>
    public sealed record Whole(StoredMessage Stored) : LiveItem
    {
        // One for all clients that get it. Made twice it is the same.
        private byte[]? _json;

        /// <summary>The message as clients see it, <c>{"id","data"}</c> on one line. What the flow says of itself in headers stays inside.</summary>
        public byte[] Json => _json ??= Write();

        /// <summary>True if clients may see it: not made by a replay that sends nothing, and a body they can be shown.</summary>
        public bool IsShown => ReplayMark.MaySend(Stored.Message) && Json.Length > 0;

        private byte[] Write() => JsonLine.Of(Stored.Message.Payload.Span) is { } data
            ? [.. "{\"id\":"u8, .. IdOf(Stored.Message.Id.Value), .. ",\"data\":"u8, .. data, (byte)'}']
            : [];

        private static byte[] IdOf(string id) => [(byte)'"', .. JsonEncodedText.Encode(id).EncodedUtf8Bytes, (byte)'"'];
    }

    /// <summary>A piece of an answer that is not durable yet.</summary>
    /// <param name="Text">It.</param>
    public sealed record Piece(PartialText Text) : LiveItem
    {
        private byte[]? _json;

        /// <summary>The piece as clients see it, <c>{"id","seq","text"}</c> on one line; the message it becomes has the same id.</summary>
        public byte[] Json => _json ??= Write();

        private byte[] Write()
        {
            using var written = new MemoryStream();
            using (var json = new Utf8JsonWriter(written))
            {
                json.WriteStartObject();
                json.WriteString("id", Text.Id);
                json.WriteNumber("seq", Text.Sequence);
                json.WriteString("text", Text.Text);
                json.WriteEndObject();
            }

            return written.ToArray();
        }
    }

    /// <summary>Messages the client has not got were removed since it was here.</summary>
    public sealed record Gap : LiveItem;

    /// <summary>Nothing came for a while.</summary>
    public sealed record Heartbeat : LiveItem;
}

/// <summary>An item, and the cursor to come back with once it was got.</summary>
/// <param name="Item">What is sent.</param>
/// <param name="Cursor">See <see cref="Events.TopicCursor"/>.</param>
internal readonly record struct LivePlace(LiveItem Item, string Cursor);
