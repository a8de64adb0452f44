using Trunkline.Server.Schemas.Json.Values;

namespace Trunkline.Server.Schemas.Json.Compiling;

/// <summary>Which keywords hold schemas, and how.</summary>
internal static class SchemaPlaces
{
    /// <summary>The schemas directly below a keyword's value.</summary>
    public static IEnumerable<int> In(JsonIndex index, string keyword, int value, Draft draft)
    {
        switch (keyword)
        {
            case "additionalProperties" or "additionalItems" or "not":
            case "contains" or "propertyNames" when draft >= Draft.Six:
            case "if" or "then" or "else" when draft >= Draft.Seven:
            case "unevaluatedItems" or "unevaluatedProperties" or "contentSchema" when draft >= Draft.Y2019:
                return [value];
            case "items":
                return index[value].Kind == JsonKind.Array ? Items(index, value) : [value];
            case "allOf" or "anyOf" or "oneOf":
            case "prefixItems" when draft >= Draft.Y2020:
                return Items(index, value);
            case "properties" or "patternProperties" or "definitions" or "dependencies":
            case "$defs" or "dependentSchemas" when draft >= Draft.Y2019:
                return Values(index, value);
            default:
                return [];
        }
    }

    /// <summary>An array's items; none of another value.</summary>
    public static IEnumerable<int> Items(JsonIndex index, int token)
    {
        if (index[token].Kind == JsonKind.Array)
        {
            for (var (at, end) = (token + 1, index[token].Next); at < end; at = index[at].Next)
            {
                yield return at;
            }
        }
    }

    /// <summary>The values of an object's properties; none of another value.</summary>
    public static IEnumerable<int> Values(JsonIndex index, int token)
    {
        if (index[token].Kind == JsonKind.Object)
        {
            for (var (at, end) = (token + 1, index[token].Next); at < end; at = index[at + 1].Next)
            {
                yield return at + 1;
            }
        }
    }
}
