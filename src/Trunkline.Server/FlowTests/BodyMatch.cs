using System.Globalization;
using System.Text.Json;
using Trunkline.Core.Config.Grammar;

namespace Trunkline.Server.FlowTests;

/// <summary>Compares what is written with what came: every field written must be there; fields not written may be.</summary>
internal static class BodyMatch
{
    /// <summary>The longest value shown, in characters.</summary>
    public const int ShownMax = 300;

    /// <summary>The differences, field by field.</summary>
    /// <param name="expected">What is written.</param>
    /// <param name="got">What came; null where nothing is.</param>
    /// <param name="path">The field, as in an expression; empty for the body.</param>
    public static IEnumerable<Difference> Compare(AnyValue expected, JsonElement? got, string path)
    {
        switch (expected)
        {
            case AnyObject fields when got is { ValueKind: JsonValueKind.Object } value:
                return fields.Fields.SelectMany(field => Compare(
                    field.Value, value.TryGetProperty(field.Key, out var inner) ? inner : null, path.Length == 0 ? field.Key : path + "." + field.Key));
            case AnyList list when got is { ValueKind: JsonValueKind.Array } value && value.GetArrayLength() == list.Items.Count:
                return list.Items.SelectMany((item, i) => Compare(item, value[i], FormattableString.Invariant($"{path}[{i}]")));
            case AnyScalar scalar when got is { } value && Same(scalar, value):
                return [];
            default:
                return [new Difference(expected.Where, path.Length == 0 ? "the body" : $"field '{path}'", Cut(JsonBytes.Text(expected)), got is { } there ? Cut(there.GetRawText()) : "nothing")];
        }
    }

    /// <summary>The text, cut to what can be read.</summary>
    public static string Cut(string text) => text.Length <= ShownMax ? text : text[..ShownMax] + "…";

    private static bool Same(AnyScalar expected, JsonElement got) => expected.Value switch
    {
        null => got.ValueKind == JsonValueKind.Null,
        var value when value.GetValueKind() == JsonValueKind.String => got.ValueKind == JsonValueKind.String && got.GetString() == value.GetValue<string>(),
        var value when value.GetValueKind() == JsonValueKind.Number => got.ValueKind == JsonValueKind.Number && SameNumber(value.ToJsonString(), got.GetRawText()),
        var value => got.ValueKind == value.GetValueKind(),
    };

    /// <summary>1 and 1.0 are the same; integers past 2⁵³ are compared exactly.</summary>
    private static bool SameNumber(string a, string b) =>
        decimal.TryParse(a, NumberStyles.Float, CultureInfo.InvariantCulture, out var x) && decimal.TryParse(b, NumberStyles.Float, CultureInfo.InvariantCulture, out var y)
            ? x == y
            : double.Parse(a, CultureInfo.InvariantCulture).Equals(double.Parse(b, CultureInfo.InvariantCulture));
}
