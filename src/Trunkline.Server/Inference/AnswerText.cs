using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Trunkline.Server.Inference;

/// <summary>The text of questions and answers, and the question that asks for a better answer.</summary>
internal static class AnswerText
{
    private const int ShownMax = 4096;

    // Shorter texts of an object are more likely labels than sentences.
    private const int SentenceMin = 20;

    /// <summary>The text of a JSON string, or of an answer's field <c>text</c>; empty if there is none.</summary>
    public static string Of(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        return Of(document.RootElement) ?? "";
    }

    /// <summary>The same, and where there is none the sentences an answer of another shape holds.</summary>
    public static string SentencesOf(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        if (Of(document.RootElement) is { } text)
        {
            return text;
        }

        var sentences = new StringBuilder();
        Collect(document.RootElement, sentences);
        return sentences.ToString();
    }

    /// <summary>The question put once more, with the answer and what is wrong with it.</summary>
    /// <param name="question">JSON; a text stays a text.</param>
    /// <param name="answer">What was answered.</param>
    /// <param name="problem">Why that cannot be used.</param>
    /// <param name="wanted">What would do.</param>
    public static ReadOnlyMemory<byte> Repair(ReadOnlyMemory<byte> question, ReadOnlyMemory<byte> answer, string problem, string wanted)
    {
        var ask = TextOrJson(question);
        var given = TextOrJson(answer);
        var text = $"""
            {ask}

            Your answer was:
            {(given.Length > ShownMax ? given[..ShownMax] : given)}

            It cannot be used: {problem}. {wanted}
            """;
        var output = new ArrayBufferWriter<byte>(text.Length + 16);
        using var json = new Utf8JsonWriter(output);
        json.WriteStringValue(text);
        json.Flush();
        return output.WrittenMemory;
    }

    private static string TextOrJson(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        return Of(document.RootElement) ?? document.RootElement.GetRawText();
    }

    private static string? Of(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Object when value.TryGetProperty("text", out var text) && text.ValueKind == JsonValueKind.String => text.GetString(),
        _ => null,
    };

    private static void Collect(JsonElement value, StringBuilder sentences)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String when value.GetString() is { Length: >= SentenceMin } text:
                sentences.Append(text).Append('\n');
                break;
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray())
                {
                    Collect(item, sentences);
                }

                break;
            case JsonValueKind.Object:
                foreach (var property in value.EnumerateObject())
                {
                    Collect(property.Value, sentences);
                }

                break;
        }
    }
}
