using System.Text.Json.Nodes;

namespace Trunkline.Core.Config.Grammar;

/// <summary>What reading a text gave: a value, or what is wrong with it.</summary>
/// <typeparam name="T">What a value becomes.</typeparam>
/// <param name="Value">The value, if there is no problem.</param>
/// <param name="Problem">What was expected instead, or null: <c>a whole number from 1 to 100</c>.</param>
/// <param name="Remedy">How to mend it; null for "write" and what was expected.</param>
/// <param name="Code">The fault's code; null for the type's own.</param>
public readonly record struct ScalarReading<T>(T? Value, string? Problem = null, string? Remedy = null, string? Code = null);

/// <summary>A single value, given by how it is read.</summary>
/// <typeparam name="T">What a value becomes.</typeparam>
/// <param name="description">For the reference: <c>duration, such as `5s`</c>.</param>
/// <param name="code">Code of the fault when it cannot be read.</param>
/// <param name="read">Reads the text with variables put in.</param>
public sealed class ScalarType<T>(string description, string code, Func<string, GrammarReading, ScalarReading<T>> read) : GrammarType<T>
{
    /// <summary>JSON Schema of the value. Default: a string.</summary>
    public Func<JsonObject> Form { get; init; } = () => new JsonObject { ["type"] = "string" };

    /// <summary>True if faults must not show the value. Default false.</summary>
    public bool IsSecret { get; init; }

    /// <inheritdoc/>
    public override string Describe() => description;

    /// <inheritdoc/>
    public override JsonObject Schema(JsonObject definitions)
    {
        var form = Form();
        return form["type"]?.GetValue<string>() == "string" && !form.ContainsKey("pattern")
            ? form
            : new JsonObject { ["anyOf"] = new JsonArray(form, new JsonObject { ["type"] = "string", ["pattern"] = @"\$\{" }) };
    }

    /// <inheritdoc/>
    public override bool TryRead(ConfigNode node, string path, GrammarReading reading, out T value)
    {
        value = default!;
        if (node is not ScalarNode { IsNull: false } scalar)
        {
            reading.WrongShape(node, path, "a single value");
            return false;
        }

        if (reading.Interpolation.Expand(scalar, reading.Faults) is not { } text)
        {
            return false;
        }

        var result = read(text, reading);
        if (result.Problem is null)
        {
            value = result.Value!;
            return true;
        }

        // What variables brought in may be a secret: the text as written is shown instead.
        var shown = IsSecret ? "has an unusable value" : $"is '{Printable.Show(scalar.Text)}'";
        reading.Faults.Add(
            node.Where, result.Code ?? code, $"{path} {shown}; expected {result.Problem}.", result.Remedy ?? $"Write {result.Problem}.");
        return false;
    }
}
