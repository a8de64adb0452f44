using System.Text.Json.Nodes;

namespace Trunkline.Core.Config.Grammar;

/// <summary>A value of any shape as it is written in a file, every part with its place: a closed family. Immutable.</summary>
/// <param name="Where">Where it begins.</param>
public abstract record AnyValue(SourceLocation Where)
{
    /// <summary>The value as JSON; null for JSON's null.</summary>
    public abstract JsonNode? ToJson();
}

/// <summary>A text, number, boolean or null.</summary>
/// <param name="Value">The value as JSON; null for JSON's null.</param>
/// <param name="Where">Where it is written.</param>
public sealed record AnyScalar(JsonNode? Value, SourceLocation Where) : AnyValue(Where)
{
    /// <inheritdoc/>
    public override JsonNode? ToJson() => Value?.DeepClone();
}

/// <summary>Values in order.</summary>
/// <param name="Items">The values.</param>
/// <param name="Where">Where it begins.</param>
public sealed record AnyList(IReadOnlyList<AnyValue> Items, SourceLocation Where) : AnyValue(Where)
{
    /// <inheritdoc/>
    public override JsonNode? ToJson() => new JsonArray([.. Items.Select(item => item.ToJson())]);
}

/// <summary>Named values in the order written; no name twice.</summary>
/// <param name="Fields">The values by name.</param>
/// <param name="Where">Where it begins.</param>
public sealed record AnyObject(IReadOnlyList<KeyValuePair<string, AnyValue>> Fields, SourceLocation Where) : AnyValue(Where)
{
    /// <inheritdoc/>
    public override JsonNode? ToJson() => new JsonObject(Fields.Select(field => KeyValuePair.Create(field.Key, field.Value.ToJson())));
}
