using System.Text.Json.Nodes;

namespace Trunkline.Core.Config.Grammar;

/// <summary>One of a few words.</summary>
/// <typeparam name="T">What a word becomes.</typeparam>
/// <param name="choices">The words and what they become.</param>
public sealed class ChoiceType<T>(params IReadOnlyList<(string Word, T Value)> choices) : GrammarType<T>
{
    private readonly string[] _words = [.. choices.Select(c => c.Word)];

    /// <summary>Words of the grammar that this version does not bring yet.</summary>
    public IReadOnlyList<string> NotYet { get; init; } = [];

    /// <inheritdoc/>
    public override string Describe() => string.Join(", ", _words.Select(w => $"`{w}`"));

    /// <inheritdoc/>
    public override JsonObject Schema(JsonObject definitions) =>
        new() { ["anyOf"] = new JsonArray(new JsonObject { ["enum"] = Words() }, new JsonObject { ["type"] = "string", ["pattern"] = @"\$\{" }) };

    /// <inheritdoc/>
    public override bool TryRead(ConfigNode node, string path, GrammarReading reading, out T value)
    {
        value = default!;
        if (node is not ScalarNode { IsNull: false } scalar)
        {
            reading.WrongShape(node, path, "one of " + string.Join(", ", _words));
            return false;
        }

        if (reading.Interpolation.Expand(scalar, reading.Faults) is not { } text)
        {
            return false;
        }

        var at = Array.IndexOf(_words, text);
        if (at >= 0)
        {
            value = choices[at].Value;
            return true;
        }

        var known = "one of " + string.Join(", ", _words);
        if (NotYet.Contains(text))
        {
            reading.Faults.Add(
                node.Where, FaultCodes.NotYet, $"{path} is '{text}', which is planned, but not in this version yet.", $"Write {known} for now.");
        }
        else
        {
            reading.Faults.Add(
                node.Where, FaultCodes.BadValue, $"{path} is '{Printable.Show(scalar.Text)}'; expected {known}.", Suggestion.Remedy(text, _words, $"Write {known}."));
        }

        return false;
    }

    // Booleans are words here, but not in JSON Schema.
    private JsonArray Words() =>
        new([.. _words.Select(w => typeof(T) == typeof(bool) ? JsonValue.Create(w == "true") : (JsonNode)JsonValue.Create(w))]);
}
