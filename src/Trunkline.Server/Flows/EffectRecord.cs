using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Trunkline.Messaging;
using Trunkline.Server.Effects;

namespace Trunkline.Server.Flows;

/// <summary>
/// What the outside answered while one message was processed, as a message of the flow's effect topic: appended in the unit that
/// completes the message, so that a replay finds an answer exactly if the message was completed.
/// </summary>
/// <remarks>
/// Payload: <c>{"position":"topic/partition/offset","effects":[{"kind","name","key","ms","answer"}]}</c>, answers in base64, <c>ms</c>
/// how long each took in milliseconds (records from before it was kept lack it), <c>inputBytes</c> the size of a model's question, and <c>inputTokens</c>, <c>outputTokens</c>, <c>cost</c> where they are known. Answers that would make the record larger than
/// <see cref="BytesMax"/> are left out, and <c>"omitted":true</c> stands in their place.
/// </remarks>
internal static class EffectRecord
{
    /// <summary>The largest record, before base64: leaves room below the bound of its topic.</summary>
    public const int BytesMax = 16 * 1024 * 1024;

    public static Message Of(string topic, StoredMessage message, IReadOnlyList<RecordedEffect> effects)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            var position = message.Position;
            json.WriteStartObject();
            json.WriteString("position", string.Create(CultureInfo.InvariantCulture, $"{topic}/{position.Partition}/{position.Offset}"));
            json.WriteStartArray("effects");
            var room = BytesMax;
            foreach (var effect in effects)
            {
                Write(json, effect, ref room);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return new Message
        {
            Id = message.Message.Id,
            Source = message.Message.Source,
            Key = message.Message.Key,
            ContentType = "application/json",
            Payload = buffer.WrittenMemory,
        };
    }

    private static void Write(Utf8JsonWriter json, RecordedEffect effect, ref int room)
    {
        json.WriteStartObject();
        json.WriteString("kind", KindOf(effect.Kind));
        json.WriteString("name", effect.Name);
        json.WriteString("key", effect.IdempotencyKey);
        if (effect.Took is { } took)
        {
            json.WriteNumber("ms", Math.Round(took.TotalMilliseconds, 3));
        }

        if (effect.InputBytes is { } bytes)
        {
            json.WriteNumber("inputBytes", bytes);
        }

        if (effect.Answer.Length <= room)
        {
            room -= effect.Answer.Length;
            json.WriteBase64String("answer", effect.Answer.Span);
        }
        else
        {
            json.WriteBoolean("omitted", true);
        }

        if (effect.Usage is { } usage)
        {
            Write(json, usage);
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, EffectUsage usage)
    {
        if (usage.InputTokens is { } input)
        {
            json.WriteNumber("inputTokens", input);
        }

        if (usage.OutputTokens is { } output)
        {
            json.WriteNumber("outputTokens", output);
        }

        if (usage.Cost is { } cost)
        {
            json.WriteNumber("cost", cost);
        }
    }

    private static string KindOf(EffectKind kind) => kind switch
    {
        EffectKind.Model => "model",
        EffectKind.Http => "http",
        EffectKind.Clock => "clock",
        _ => "custom",
    };
}
