using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Trunkline.Core.Config.Grammar;

/// <summary>
/// Any value: for what is the user's own, such as a message's body. Unquoted numbers, <c>true</c>, <c>false</c> and <c>null</c> are what JSON
/// makes of them, everything else is text. Variables work in texts.
/// </summary>
public sealed partial class AnyType : GrammarType<AnyValue>
{
    /// <inheritdoc/>
    public override string Describe() => "any value";

    /// <inheritdoc/>
    public override JsonObject Schema(JsonObject definitions) => [];

    /// <inheritdoc/>
    public override bool TryRead(ConfigNode node, string path, GrammarReading reading, out AnyValue value)
    {
        value = Read(node, reading);
        return true;
    }

    private static AnyValue Read(ConfigNode node, GrammarReading reading) => node switch
    {
        MappingNode mapping => new AnyObject([.. mapping.Entries.Select(entry => KeyValuePair.Create(entry.Key, Read(entry.Value, reading)))], node.Where),
        SequenceNode list => new AnyList([.. list.Items.Select(item => Read(item, reading))], node.Where),
        ScalarNode { IsNull: false } scalar => new AnyScalar(Scalar(reading.Interpolation.Expand(scalar, reading.Faults) ?? "", scalar.IsPlain), node.Where),
        _ => new AnyScalar(null, node.Where),
    };

    private static JsonNode Scalar(string text, bool plain) => text switch
    {
        "true" when plain => JsonValue.Create(true),
        "false" when plain => JsonValue.Create(false),
        _ when plain && Number().IsMatch(text) => JsonNode.Parse(text)!,
        _ => JsonValue.Create(text),
    };

    // JSON's own form of a number: what it does not take (007, 1_000, .5) is text.
    [GeneratedRegex(@"^-?(0|[1-9][0-9]{0,300})(\.[0-9]{1,300})?([eE][+-]?[0-9]{1,3})?\z")]
    private static partial Regex Number();
}
