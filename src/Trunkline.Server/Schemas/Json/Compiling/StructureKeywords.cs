using Trunkline.Server.Schemas.Json.Checks;
using Trunkline.Server.Schemas.Json.Values;

namespace Trunkline.Server.Schemas.Json.Compiling;

/// <summary>Keywords about the items of arrays and the properties of objects.</summary>
internal static class StructureKeywords
{
    /// <summary>Adds the checks.</summary>
    /// <param name="words">The schema.</param>
    /// <param name="validation">False to leave out what belongs to the validation vocabulary.</param>
    public static void Add(SchemaKeywords words, bool validation)
    {
        if (validation)
        {
            AddCount(words, KindMask.Arrays, "Items");
            AddCount(words, KindMask.Objects, "Properties");
            if (words.Value("uniqueItems") is >= 0 and var unique && words.Index[unique].Kind == JsonKind.True)
            {
                words.Add(new UniqueItemsCheck());
            }
        }

        AddItems(words);
        AddContains(words);
        AddProperties(words, validation);
    }

    private static void AddCount(SchemaKeywords words, KindMask kinds, string what)
    {
        var (least, most) = (words.Number("min" + what, 0), words.Number("max" + what, long.MaxValue));
        if (least > 0 || most < long.MaxValue)
        {
            words.Add(new CountCheck(kinds, what, least, most));
        }
    }

    private static void AddItems(SchemaKeywords words)
    {
        var items = words.Value("items");
        var isList = items >= 0 && words.Index[items].Kind == JsonKind.Array && words.Draft < Draft.Y2020;
        var prefix = words.Draft >= Draft.Y2020 ? words.Value("prefixItems", KindMask.Arrays) : isList ? items : -1;
        SchemaNode[] first = prefix < 0 ? [] : [.. SchemaPlaces.Items(words.Index, prefix).Select(words.At)];
        var rest = isList ? words.Schema("additionalItems") : items >= 0 ? words.At(items) : null;
        if (first.Length > 0 || rest is not null)
        {
            words.Add(new ItemsCheck(first, rest));
        }
    }

    private static void AddContains(SchemaKeywords words)
    {
        if (words.Draft < Draft.Six || words.Schema("contains") is not { } part)
        {
            return;
        }

        var counts = words.Draft >= Draft.Y2019;
        var least = counts ? words.Number("minContains", 1) : 1;
        var most = counts ? words.Number("maxContains", long.MaxValue) : long.MaxValue;
        words.Add(new ContainsCheck(part, least, most, marks: words.Draft >= Draft.Y2020));
    }

    private static void AddProperties(SchemaKeywords words, bool validation)
    {
        var names = new List<string>();
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        var schemas = new List<SchemaNode?>();
        if (words.Value("properties", KindMask.Objects) is >= 0 and var properties)
        {
            foreach (var value in SchemaPlaces.Values(words.Index, properties))
            {
                Place(words.Index.Text(value - 1), words.At(value));
            }
        }

        var required = new List<int>();
        if (validation && words.Value("required", KindMask.Arrays) is >= 0 and var list)
        {
            required.AddRange(SchemaPlaces.Items(words.Index, list).Select(words.Index.Text).Where(name => !IsFilled(words, name)).Select(name => Place(name, null)).Distinct());
        }

        var patterns = Patterns(words);
        var additional = words.Schema("additionalProperties");
        var nameSchema = words.Draft >= Draft.Six ? words.Schema("propertyNames") : null;
        if (names.Count > 0 || patterns.Length > 0 || additional is not null || nameSchema is not null)
        {
            words.Add(new ObjectCheck(new ObjectRules
            {
                Names = names,
                Schemas = [.. schemas],
                Required = RequiredPlaces(names.Count, required),
                Patterns = patterns,
                Additional = additional,
                NameSchema = nameSchema,
            }));
        }

        int Place(string name, SchemaNode? schema)
        {
            if (!places.TryGetValue(name, out var place))
            {
                place = names.Count;
                places[name] = place;
                names.Add(name);
                schemas.Add(schema);
            }

            return place;
        }
    }

    private static bool IsFilled(SchemaKeywords words, string name) => words.FillsDefaults
        && words.Value("properties", KindMask.Objects) is >= 0 and var properties
        && words.Index.Properties(properties).TryGetValue(name, out var property) && words.Index.Find(property, "default"u8) >= 0;

    private static int[] RequiredPlaces(int names, List<int> required)
    {
        var places = new int[names];
        Array.Fill(places, -1);
        for (var i = 0; i < required.Count; i++)
        {
            places[required[i]] = i;
        }

        return places;
    }

    private static (SchemaPattern Pattern, SchemaNode Schema)[] Patterns(SchemaKeywords words)
    {
        var patterns = new List<(SchemaPattern, SchemaNode)>();
        if (words.Value("patternProperties", KindMask.Objects) is >= 0 and var token)
        {
            foreach (var value in SchemaPlaces.Values(words.Index, token))
            {
                if (words.Pattern(value - 1, "patternProperties") is { } pattern)
                {
                    patterns.Add((pattern, words.At(value)));
                }
            }
        }

        return [.. patterns];
    }
}
