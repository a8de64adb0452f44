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
                        InputBytes = effect.TryGetProperty("inputBytes", out var bytes) ? bytes.GetInt32() : null,
                        Usage = UsageOf(effect),
                    };
                }
            }
        }
    }

    private static EffectUsage? UsageOf(JsonElement effect)
    {
        int? input = effect.TryGetProperty("inputTokens", out var read) ? read.GetInt32() : null;
        int? output = effect.TryGetProperty("outputTokens", out var written) ? written.GetInt32() : null;
        decimal? cost = effect.TryGetProperty("cost", out var price) ? price.GetDecimal() : null;
        return input is null && output is null && cost is null ? null : new EffectUsage(input, output, cost);
    }

    private static EffectKind KindOf(string? kind) => kind switch
    {
        "model" => EffectKind.Model,
        "http" => EffectKind.Http,
        "clock" => EffectKind.Clock,
        _ => EffectKind.Custom,
    };
}
