using System.Text.Json;
using Trunkline.Messaging;
using Trunkline.Server.Effects;

namespace Trunkline.Server.Flows;

/// <summary>Reads what <see cref="EffectRecord"/> writes. Answers that were omitted are left out.</summary>
internal static class EffectRecordReader
{
    /// <summary>The effects of one message of an effect topic.</summary>
    /// <exception cref="InvalidDataException">It is no such record.</exception>
    public static IEnumerable<RecordedEffect> Read(Message record)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(record.Payload);
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException("A recorded effect cannot be read: it is not JSON.", exception);
        }

        using (document)
        {
            foreach (var effect in document.RootElement.GetProperty("effects").EnumerateArray())
            {
                if (effect.TryGetProperty("answer", out var answer))
                {
                    yield return new RecordedEffect(
                        KindOf(effect.GetProperty("kind").GetString()),
                        effect.GetProperty("name").GetString()!,
                        effect.GetProperty("key").GetString()!,
                        answer.GetBytesFromBase64())
                    {
                        Took = effect.TryGetProperty("ms", out var took) ? TimeSpan.FromMilliseconds(took.GetDouble()) : null,
                    };
                }
            }
        }
    }

    private static EffectKind KindOf(string? kind) => kind switch
    {
        "model" => EffectKind.Model,
        "http" => EffectKind.Http,
        "clock" => EffectKind.Clock,
        _ => EffectKind.Custom,
    };
}
