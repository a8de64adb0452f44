using System.Text;
using Trunkline.Server.Schemas.Json.Checks;
using Trunkline.Server.Schemas.Json.Formats;
using Trunkline.Server.Schemas.Json.Values;

namespace Trunkline.Server.Schemas.Json.Compiling;

/// <summary>Keywords about a value itself: type, enum, bounds, lengths, patterns, formats.</summary>
internal static class ValueKeywords
{
    /// <summary>Adds the checks.</summary>
    public static void Add(SchemaKeywords words)
    {
        AddType(words);
        if (words.Value("enum", KindMask.Arrays) is >= 0 and var values)
        {
            words.Add(new EnumCheck("enum", words.Index, [.. SchemaPlaces.Items(words.Index, values)]));
        }

        if (words.Draft >= Draft.Six && words.Value("const") is >= 0 and var value)
        {
            words.Add(new EnumCheck("const", words.Index, [value]));
        }

        AddBounds(words);
        AddStrings(words);
    }

    private static void AddType(SchemaKeywords words)
    {
        var type = words.Value("type");
        if (type < 0)
        {
            return;
        }

        var mask = KindMask.None;
        foreach (var name in words.Index[type].Kind == JsonKind.Array ? SchemaPlaces.Items(words.Index, type) : [type])
        {
            mask = mask.Or(KindMask.Named(words.Index.Utf8Of(name), words.Draft == Draft.Four) ?? KindMask.None);
        }

        words.Node.Kinds = mask;
    }

    private static void AddBounds(SchemaKeywords words)
    {
        AddBound(words, "minimum", least: true, exclusive: IsTrue(words, "exclusiveMinimum"));
        AddBound(words, "maximum", least: false, exclusive: IsTrue(words, "exclusiveMaximum"));
        AddBound(words, "exclusiveMinimum", least: true, exclusive: true);
        AddBound(words, "exclusiveMaximum", least: false, exclusive: true);
        if (words.Value("multipleOf", KindMask.Numbers) is >= 0 and var divisor)
        {
            words.Add(new MultipleOfCheck(new NumberBound(words.Index.Raw(divisor)), Encoding.UTF8.GetString(words.Index.Raw(divisor))));
        }
    }

    // In draft 4 the exclusive keywords are booleans beside the bound.
    private static bool IsTrue(SchemaKeywords words, string keyword) => words.Draft == Draft.Four && words.Value(keyword) is >= 0 and var token && words.Index[token].Kind == JsonKind.True;

    private static void AddBound(SchemaKeywords words, string keyword, bool least, bool exclusive)
    {
        if (words.Value(keyword, KindMask.Numbers) is >= 0 and var token)
        {
            var text = words.Index.Raw(token);
            words.Add(new BoundCheck(keyword, new NumberBound(text), least, exclusive, Encoding.UTF8.GetString(text)));
        }
    }

    private static void AddStrings(SchemaKeywords words)
    {
        var (least, most) = (words.Number("minLength", 0), words.Number("maxLength", long.MaxValue));
        if (least > 0 || most < long.MaxValue)
        {
            words.Add(new LengthCheck(least, most));
        }

        if (words.Value("pattern", KindMask.Strings) is >= 0 and var pattern && words.Pattern(pattern, "pattern") is { } read)
        {
            words.Add(new PatternCheck(read));
        }

        if (words.AssertsFormats && words.Value("format", KindMask.Strings) is >= 0 and var format && FormatRules.Find(words.Index.Text(format)) is { } accepts)
        {
            words.Add(new FormatCheck(words.Index.Text(format), accepts));
        }
    }
}
