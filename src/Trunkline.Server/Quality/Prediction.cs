using System.Text.Json;

namespace Trunkline.Server.Quality;

/// <summary>
/// What an answer of a model says, as far as it can be compared with what is told later: the label it chose, how sure it was of it, and its score. Found by the names answers
/// usually have: a label in <c>label</c>, <c>language</c>, <c>class</c>, <c>category</c>, <c>kind</c> or <c>intent</c>; a number in <c>probability</c>, <c>confidence</c>, <c>score</c> or <c>compound</c>.
/// </summary>
/// <param name="Label">The label, in lower case; null if the answer has none.</param>
/// <param name="Confidence">How sure it was of the label, 0 to 1; null if the answer does not say.</param>
/// <param name="Score">The number itself, what drift is seen by; null if there is none.</param>
internal readonly record struct Prediction(string? Label, double? Confidence, double? Score)
{
    private const int LabelLengthMax = 256;

    // Where the authors of VADER draw the line between a feeling and none.
    private const double FeelingMin = 0.05;

    private static readonly string[] s_labels = ["label", "language", "class", "category", "kind", "intent"];

    /// <summary>Reads an answer; one that is no object says nothing.</summary>
    public static Prediction Of(ReadOnlyMemory<byte> answer)
    {
        try
        {
            using var json = JsonDocument.Parse(answer);
            return json.RootElement.ValueKind == JsonValueKind.Object ? Of(json.RootElement) : default;
        }
        catch (JsonException)
        {
            // A recorded answer need not be JSON: that of a custom step may be anything.
            return default;
        }
    }

    private static Prediction Of(JsonElement answer)
    {
        var told = s_labels.Select(name => answer.TryGetProperty(name, out var value) ? value : default)
            .FirstOrDefault(value => value.ValueKind is JsonValueKind.String or JsonValueKind.True or JsonValueKind.False);
        var label = told.ValueKind switch
        {
            JsonValueKind.String when told.GetString() is { Length: > 0 and <= LabelLengthMax } text => text.ToLowerInvariant(),
            JsonValueKind.True => "true",
            JsonValueKind.False => "false",
            _ => null,
        };
        if ((Number(answer, "probability") ?? Number(answer, "confidence")) is { } sure)
        {
            // A probability beside yes or no is that of yes.
            var ofLabel = label == "false" ? 1 - sure : sure;
            return new Prediction(label, label is not null && sure is >= 0 and <= 1 ? ofLabel : null, sure);
        }

        if (Number(answer, "compound") is { } feeling)
        {
            return new Prediction(label ?? (feeling >= FeelingMin ? "positive" : feeling <= -FeelingMin ? "negative" : "neutral"), null, feeling);
        }

        return new Prediction(label, null, Number(answer, "score"));
    }

    private static double? Number(JsonElement answer, string name) =>
        answer.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number) ? number : null;
}
