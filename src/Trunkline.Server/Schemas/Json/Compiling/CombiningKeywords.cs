using Trunkline.Server.Schemas.Json.Checks;
using Trunkline.Server.Schemas.Json.Values;

namespace Trunkline.Server.Schemas.Json.Compiling;

/// <summary>Keywords that combine schemas over the same value.</summary>
internal static class CombiningKeywords
{
    /// <summary>Adds the checks.</summary>
    public static void Add(SchemaKeywords words)
    {
        if (Parts(words, "allOf") is { } all)
        {
            words.Add(new AllOfCheck(all));
        }

        if (Parts(words, "anyOf") is { } any)
        {
            words.Add(new AnyOfCheck(any, exactlyOne: false));
        }

        if (Parts(words, "oneOf") is { } one)
        {
            words.Add(new AnyOfCheck(one, exactlyOne: true));
        }

        if (words.Schema("not") is { } not)
        {
            words.Add(new NotCheck(not));
        }

        if (words.Draft >= Draft.Seven && words.Schema("if") is { } condition)
        {
            words.Add(new IfCheck(condition, words.Schema("then"), words.Schema("else")));
        }

        // Newer drafts have two keywords instead of "dependencies", but still allow it.
        AddDependent(words, "dependencies");
        if (words.Draft >= Draft.Y2019)
        {
            AddDependent(words, "dependentRequired");
            AddDependent(words, "dependentSchemas");
        }
    }

    private static SchemaNode[]? Parts(SchemaKeywords words, string keyword) =>
        words.Value(keyword, KindMask.Arrays) is >= 0 and var token ? [.. SchemaPlaces.Items(words.Index, token).Select(words.At)] : null;

    private static void AddDependent(SchemaKeywords words, string keyword)
    {
        if (words.Value(keyword, KindMask.Objects) is not (>= 0 and var token))
        {
            return;
        }

        foreach (var value in SchemaPlaces.Values(words.Index, token))
        {
            var name = words.Index.Utf8Of(value - 1).ToArray();
            words.Add(words.Index[value].Kind == JsonKind.Array
                ? new DependentCheck(keyword, name, [.. SchemaPlaces.Items(words.Index, value).Select(other => words.Index.Utf8Of(other).ToArray())], null)
                : new DependentCheck(keyword, name, [], words.At(value)));
        }
    }
}
