using System.Text.Encodings.Web;
using System.Text.Json;
using Trunkline.Server.Configuration;
using Trunkline.Server.Templates;

namespace Trunkline.Server.Connectors.Chat;

/// <summary>What a chat takes: how values are escaped in a text, how long it may be (bytes), and the request around it. Thread-safe.</summary>
internal sealed class ChatForm
{
    // Bytes in UTF-8. Chats show a text cut here rather than none: beyond, Slack refuses the request (40,000 characters), and Teams (28 KB).
    private const int SlackBytesMax = 39_000;
    private const int CardBytesMax = 20_000;

    private readonly Action<Utf8JsonWriter, string, string> _write;
    private readonly int _bytesMax;

    private ChatForm(ChannelEscapes escapes, int bytesMax, Action<Utf8JsonWriter, string, string> write) => (Escapes, _bytesMax, _write) = (escapes, bytesMax, write);

    /// <summary>How values are escaped.</summary>
    public ChannelEscapes Escapes { get; }

    public static ChatForm Of(ChatKind kind) => kind switch
    {
        ChatKind.Slack => new ChatForm(ChannelEscapes.Slack, SlackBytesMax, WriteSlack),
        _ => new ChatForm(ChannelEscapes.Markdown, CardBytesMax, WriteCard),
    };

    /// <summary>The request's body.</summary>
    public byte[] Write(string text, string title)
    {
        using var body = new MemoryStream();
        using (var writer = new Utf8JsonWriter(body, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            _write(writer, Cut(text, _bytesMax), Cut(title, 250));
        }

        return body.ToArray();
    }

    private static void WriteSlack(Utf8JsonWriter writer, string text, string title)
    {
        writer.WriteStartObject();
        writer.WriteString("text", title.Length == 0 ? text : $"*{title}*\n{text}");
        writer.WriteEndObject();
    }

    private static void WriteCard(Utf8JsonWriter writer, string text, string title)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "message");
        writer.WriteStartArray("attachments");
        writer.WriteStartObject();
        writer.WriteString("contentType", "application/vnd.microsoft.card.adaptive");
        writer.WriteNull("contentUrl");
        writer.WriteStartObject("content");
        writer.WriteString("$schema", "http://adaptivecards.io/schemas/adaptive-card.json");
        writer.WriteString("type", "AdaptiveCard");
        writer.WriteString("version", "1.4");
        writer.WriteStartArray("body");
        if (title.Length > 0)
        {
            WriteBlock(writer, title, isTitle: true);
        }

        WriteBlock(writer, text, isTitle: false);
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteBlock(Utf8JsonWriter writer, string text, bool isTitle)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "TextBlock");
        writer.WriteString("text", text);
        writer.WriteBoolean("wrap", true);
        if (isTitle)
        {
            writer.WriteString("weight", "Bolder");
            writer.WriteString("size", "Medium");
        }

        writer.WriteEndObject();
    }

    /// <summary>At most so many bytes in UTF-8, no character cut in two.</summary>
    private static string Cut(string text, int bytesMax)
    {
        var bytes = 0;
        var length = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > bytesMax)
            {
                return text[..length] + "…";
            }

            length += rune.Utf16SequenceLength;
        }

        return text;
    }
}
