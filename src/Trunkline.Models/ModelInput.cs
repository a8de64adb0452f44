using System.Text.Json;

namespace Trunkline.Models;

/// <summary>Reads the input of models that take text.</summary>
internal static class ModelInput
{
    /// <summary>The text in a JSON string of at most <paramref name="bytesMax"/> bytes.</summary>
    /// <exception cref="ModelException">It is not a string, is too long, or holds half a surrogate pair.</exception>
    public static string Text(ReadOnlyMemory<byte> input, int bytesMax)
    {
        CheckSize(input, bytesMax);
        try
        {
            var reader = new Utf8JsonReader(input.Span);
            if (reader.Read() && reader.TokenType == JsonTokenType.String)
            {
                return reader.GetString()!;
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new ModelException(ModelFailure.Refused, "The input is not valid JSON text.", e);
        }

        throw new ModelException(ModelFailure.Refused, "The model takes text; its 'input' expression gave another kind of value.");
    }

    /// <summary>Any JSON value, as its JSON text.</summary>
    /// <exception cref="ModelException">It is not JSON, or too long.</exception>
    public static string Json(ReadOnlyMemory<byte> input, int bytesMax)
    {
        CheckSize(input, bytesMax);
        try
        {
            using var document = JsonDocument.Parse(input);
            return document.RootElement.GetRawText();
        }
        catch (JsonException e)
        {
            throw new ModelException(ModelFailure.Refused, "The input is not valid JSON.", e);
        }
    }

    private static void CheckSize(ReadOnlyMemory<byte> input, int bytesMax)
    {
        if (input.Length > bytesMax)
        {
            throw new ModelException(ModelFailure.Refused, $"The input has {input.Length} bytes, the model takes {bytesMax}. Shorten it in a map step.");
        }
    }
}
