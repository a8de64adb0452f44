using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Trunkline.Messaging;

namespace Trunkline.Bench.Flows;

/// <summary>What every side of <c>bench flow</c> works on, and the work itself: JSON of about 300 B over 1,000 keys, one field added, a tenth filtered.</summary>
internal static class FlowLoad
{
    public const int Keys = 1000;

    /// <summary>The map step in the project file's language; <see cref="Handle(JsonObject)"/> does the same in C#.</summary>
    public const string Map = "({ ...message, stage: 'triaged', score: message.priority * 2 })";

    /// <summary>The filter step: nine of ten pass.</summary>
    public const string Filter = "message.priority < 9";

    private const string Text = "Hello, I ordered two weeks ago and nothing has come yet. Could you please look into it and tell me when I can expect the parcel?";

    /// <summary>The payload of the message with that number.</summary>
    public static byte[] Payload(int number) => Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"id":{{number}},"conversation":"conversation-{{number % Keys}}","channel":"mail","priority":{{number % 10}},"from":"customer-{{number % Keys}}@example.com","text":"{{Text}}","language":"en","attachments":0}"""));

    public static Message Message(int number) => Message(number, keyed: true);

    /// <summary>The same with a key, or without.</summary>
    public static Message Message(int number, bool keyed) => Message(number, Payload(number), keyed);

    /// <summary>The same of a payload that is there already.</summary>
    public static Message Message(int number, byte[] payload, bool keyed = true) => new()
    {
        Id = new MessageId(number.ToString(CultureInfo.InvariantCulture)),
        Key = !keyed ? null : MessageKey.FromText("conversation-" + (number % Keys).ToString(CultureInfo.InvariantCulture)),
        ContentType = "application/json",
        Payload = payload,
    };

    /// <summary>The number of a payload, before or after the flow: its first member.</summary>
    public static int NumberOf(ReadOnlySpan<byte> payload) =>
        Utf8Parser.TryParse(payload["{\"id\":".Length..], out int number, out _) ? number : throw new FormatException("not a payload of this bench");

    /// <summary>How many of the first so many messages pass the filter.</summary>
    public static int Passing(int count) => (count / 10 * 9) + Math.Min(count % 10, 9);

    /// <summary>Map and filter as a team would write them in C#, on a bus that hands over bytes; null if filtered.</summary>
    public static byte[]? Handle(ReadOnlyMemory<byte> payload)
    {
        var body = JsonNode.Parse(payload.Span)!.AsObject();
        return Handle(body) ? JsonSerializer.SerializeToUtf8Bytes(body) : null;
    }

    /// <summary>Map and filter on a body that is read already; false if filtered.</summary>
    public static bool Handle(JsonObject body)
    {
        var priority = (int)body["priority"]!;
        body["stage"] = "triaged";
        body["score"] = priority * 2;
        return priority < 9;
    }
}
