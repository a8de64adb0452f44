using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Trunkline.Messaging;
using Trunkline.Server.State;

namespace Trunkline.Server.Steps;

/// <summary>
/// The message of a timer that is due: its body tells the timer, when it was due and who set it; its time is when it was due; tenant,
/// priority and trace are those of the message that set it, and so is its position. Its id is the same whenever it fires.
/// </summary>
internal static class TimerMessage
{
    private static readonly string[] Kept = [HeaderNames.Tenant, HeaderNames.Priority, HeaderNames.TraceParent, HeaderNames.TraceState];

    /// <summary>The timer a message comes from; null for any other message.</summary>
    public static string? NameOf(Message message) => message.Headers.Text(HeaderNames.Timer);

    /// <summary>The id of the message that set a timer, from the timer's message.</summary>
    public static string SetBy(Message message)
    {
        using var body = JsonDocument.Parse(message.Payload);
        return body.RootElement.GetProperty("setBy").GetString() ?? "";
    }

    /// <summary>What of a message its timers keep.</summary>
    public static TimerOrigin OriginOf(StoredMessage stored) => new(
        stored.Message.Source, stored.Message.Id.Value, stored.Position.Offset, [.. stored.Message.Headers.Where(h => Array.IndexOf(Kept, h.Name) >= 0)]);

    /// <summary>Makes it.</summary>
    public static StoredMessage Of(string flow, int partition, MessageKey key, KeyTimer timer)
    {
        var due = timer.Due.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        var message = new Message
        {
            Id = new MessageId(StableId.Of(timer.SetBy.Source, timer.SetBy.Id, flow, timer.Name + "\n" + due)),
            Source = $"trunkline:timer/{flow}",
            Time = timer.Due,
            Key = key,
            ContentType = "application/json",
            Headers = Headers.Of([.. timer.SetBy.Headers, new Header(HeaderNames.Timer, timer.Name)]),
            Payload = Body(timer, due),
        };
        return new StoredMessage(message, new Position(partition, timer.SetBy.Offset), timer.Due);
    }

    private static ReadOnlyMemory<byte> Body(KeyTimer timer, string due)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("timer", timer.Name);
            json.WriteString("due", due);
            json.WriteString("setBy", Encoding.UTF8.GetBytes(timer.SetBy.Id));
            json.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }
}
