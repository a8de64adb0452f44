using Trunkline.Server.Schemas.Json.Checks;
using Trunkline.Server.Schemas.Json.Compiling;
using Trunkline.Server.Schemas.Json.Values;

namespace Trunkline.Server.Schemas.Json.Compatibility;

/// <summary>Comparing what schemas say of properties and items.</summary>
internal sealed class StructureDiff(JsonSchemaDiff diff)
{
    /// <summary>True if a reader's keywords about them accept what the writer's parts allow.</summary>
    public bool Accepts(SchemaPart reader, List<SchemaPart> writer, List<Incompatibility> faults)
    {
        var kinds = ScalarDiff.Kinds(writer);
        return (!kinds.Has(JsonKind.Object) || (AcceptsRequired(reader, writer, faults) & AcceptsProperties(reader, writer, faults)))
            & (!kinds.Has(JsonKind.Array) || AcceptsItems(reader, writer, faults));
    }

    /// <summary>True if a property that one side requires has no value on the other that both accept.</summary>
    public static bool Disagree(JsonSchemaDiff diff, List<SchemaPart> reader, List<SchemaPart> writer, SchemaSide readerSide) =>
        ScalarDiff.Kinds(writer).Bits == KindMask.Objects.Bits && Required(writer).Concat(Required(reader)).Distinct(StringComparer.Ordinal).Any(name =>
        {
            var here = readerSide.Flatten(reader.SelectMany(part => Applying(part, name).Select(token => readerSide.At(part, token))));
            return JsonSchemaDiff.IsEmpty([.. here, .. diff.WriterAt(writer.SelectMany(part => Applying(part, name).Select(token => (part, token))))]);
        });

    private static bool AcceptsRequired(SchemaPart reader, List<SchemaPart> writer, List<Incompatibility> faults)
    {
        var promised = Required(writer).ToHashSet(StringComparer.Ordinal);
        var accepts = true;
        foreach (var name in Required([reader]).Where(name => !promised.Contains(name) && !HasDefault(reader, name)))
        {
            accepts = JsonSchemaDiff.Fault(faults, "REQUIRED_ATTRIBUTE_ADDED", reader, $"the reader requires '{name}', the writer may leave it out, and there is no default");
        }

        return accepts;
    }

    private bool AcceptsProperties(SchemaPart reader, List<SchemaPart> writer, List<Incompatibility> faults)
    {
        var (properties, patterns, additional) = (reader.Find("properties"u8), reader.Find("patternProperties"u8), reader.Find("additionalProperties"u8));
        if (properties < 0 && patterns < 0 && additional < 0)
        {
            return true;
        }

        var accepts = true;
        var names = Names(reader).Concat(writer.SelectMany(Names)).Distinct(StringComparer.Ordinal);
        foreach (var name in names)
        {
            var written = diff.WriterAt(writer.SelectMany(part => Applying(part, name).Select(token => (part, token))));
            foreach (var token in Applying(reader, name))
            {
                var inner = new List<Incompatibility>();
                if (!JsonSchemaDiff.IsEmpty(written) && !diff.AcceptsBelow(diff.ReaderAt(reader, token), written, inner))
                {
                    accepts = false;
                    Tell(reader, writer, (name, token), inner, faults);
                }
            }
        }

        return AcceptsPatterns(reader, writer, patterns, faults) & AcceptsOthers(reader, writer, additional, faults) & accepts;
    }

    private static void Tell(SchemaPart reader, List<SchemaPart> writer, (string Name, int Token) property, List<Incompatibility> inner, List<Incompatibility> faults)
    {
        var isNew = !writer.Any(part => Properties(part).ContainsKey(property.Name));
        if (reader.Index[property.Token].Kind == JsonKind.False)
        {
            JsonSchemaDiff.Fault(faults, "PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL", reader, $"the writer may write '{property.Name}', the reader accepts no such property");
        }
        else if (isNew)
        {
            JsonSchemaDiff.Fault(faults, "PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL", reader, $"the writer may already write anything as '{property.Name}'");
        }

        faults.AddRange(isNew ? [] : inner);
    }

    // Names no property mentions: a pattern of the reader must be one of the writer's too, since patterns cannot be compared.
    private bool AcceptsPatterns(SchemaPart reader, List<SchemaPart> writer, int patterns, List<Incompatibility> faults)
    {
        var accepts = true;
        foreach (var value in patterns < 0 ? [] : SchemaPlaces.Values(reader.Index, patterns))
        {
            var pattern = reader.Index.Text(value - 1);
            var same = writer.SelectMany(part => PatternValues(part).Where(token => part.Index.Text(token - 1) == pattern).Select(token => (part, token))).ToList();
            var written = diff.WriterAt(same);
            if (same.Count > 0 ? !diff.AcceptsBelow(diff.ReaderAt(reader, value), written, faults) : !OthersAccepted(diff.ReaderAt(reader, value), writer))
            {
                accepts = JsonSchemaDiff.Fault(faults, "PATTERN_PROPERTY_CHANGED", reader, $"the writer may write other values for names like {pattern}");
            }
        }

        return accepts;
    }

    private bool AcceptsOthers(SchemaPart reader, List<SchemaPart> writer, int additional, List<Incompatibility> faults)
    {
        if (additional < 0)
        {
            return true;
        }

        var schema = diff.ReaderAt(reader, additional);
        var known = PatternValues(reader).Select(token => reader.Index.Text(token - 1)).ToHashSet(StringComparer.Ordinal);
        var fits = Accepts(schema, OpenEnds(writer).Where(end => end.Pattern is null || !known.Contains(end.Pattern)));
        return fits || JsonSchemaDiff.Fault(
            faults, schema.IsNever ? "ADDITIONAL_PROPERTIES_REMOVED" : "ADDITIONAL_PROPERTIES_NARROWED", reader, "the writer may write properties that nobody named");
    }

    private bool OthersAccepted(SchemaPart schema, List<SchemaPart> writer) => Accepts(schema, OpenEnds(writer));

    private bool Accepts(SchemaPart schema, IEnumerable<(string? Pattern, List<SchemaPart> Written)> ends) =>
        ends.All(end => JsonSchemaDiff.IsEmpty(end.Written) || diff.AcceptsBelow(schema, end.Written, []));

    /// <summary>What a writer may write under names it does not mention: by its patterns, and else. No part says more than it must.</summary>
    private IEnumerable<(string? Pattern, List<SchemaPart> Written)> OpenEnds(List<SchemaPart> writer)
    {
        foreach (var part in writer)
        {
            foreach (var token in PatternValues(part))
            {
                yield return (part.Index.Text(token - 1), diff.WriterAt([(part, token)]));
            }
        }

        // A name that no property mentions but that fits a pattern of one part is an additional one of the parts without patterns.
        yield return (null, diff.WriterAt(writer.Where(part => part.Find("additionalProperties"u8) >= 0).Select(part => (part, part.Find("additionalProperties"u8)))));
    }

    private bool AcceptsItems(SchemaPart reader, List<SchemaPart> writer, List<Incompatibility> faults)
    {
        var accepts = reader.Find("uniqueItems"u8) is not (>= 0 and var unique) || reader.Index[unique].Kind != JsonKind.True
            || writer.Any(part => part.Find("uniqueItems"u8) is >= 0 and var other && part.Index[other].Kind == JsonKind.True)
            || JsonSchemaDiff.Fault(faults, "UNIQUE_ITEMS_ADDED", reader, "the writer may write an item twice");
        var places = writer.Append(reader).Max(Prefix) + 1;
        for (var place = 0; place < places; place++)
        {
            var written = diff.WriterAt(writer.Select(part => (part, ItemAt(part, place))).Where(one => one.Item2 >= 0));
            if (ItemAt(reader, place) is >= 0 and var token && CanReach(writer, place) && !JsonSchemaDiff.IsEmpty(written) && !diff.AcceptsBelow(diff.ReaderAt(reader, token), written, faults))
            {
                accepts = JsonSchemaDiff.Fault(faults, reader.Index[token].Kind == JsonKind.False ? "ITEM_REMOVED_FROM_CLOSED_CONTENT_MODEL" : "ITEM_CHANGED", reader, $"item {place} of the writer is not accepted");
            }
        }

        return accepts;
    }

    private static bool CanReach(List<SchemaPart> writer, int place) => !writer.Any(part =>
        part.Find("maxItems"u8) is >= 0 and var most && double.Parse(part.Index.Raw(most), System.Globalization.CultureInfo.InvariantCulture) <= place);

    private static int Prefix(SchemaPart part)
    {
        var list = part.Draft >= Draft.Y2020 ? part.Find("prefixItems"u8) : part.Find("items"u8);
        return list >= 0 && part.Index[list].Kind == JsonKind.Array ? part.Index[list].Count : 0;
    }

    private static int ItemAt(SchemaPart part, int place)
    {
        var newer = part.Draft >= Draft.Y2020;
        var items = part.Find("items"u8);
        var list = newer ? part.Find("prefixItems"u8) : items;
        if (list >= 0 && part.Index[list].Kind == JsonKind.Array)
        {
            return place < part.Index[list].Count ? part.Index.ItemAt(list, place) : newer ? items : part.Find("additionalItems"u8);
        }

        return items;
    }

    private static IEnumerable<string> Names(SchemaPart part) => Properties(part).Keys;

    private static IReadOnlyDictionary<string, int> Properties(SchemaPart part) =>
        part.Find("properties"u8) is >= 0 and var list ? part.Index.Properties(list) : System.Collections.Immutable.ImmutableDictionary<string, int>.Empty;

    private static IEnumerable<int> PatternValues(SchemaPart part) => part.Find("patternProperties"u8) is >= 0 and var list ? SchemaPlaces.Values(part.Index, list) : [];

    /// <summary>The schemas of a part that apply to a property.</summary>
    private static List<int> Applying(SchemaPart part, string name)
    {
        var found = new List<int>();
        if (Properties(part).TryGetValue(name, out var own))
        {
            found.Add(own);
        }

        found.AddRange(PatternValues(part).Where(token => Matches(part.Index.Text(token - 1), name)));
        if (found.Count == 0 && part.Find("additionalProperties"u8) is >= 0 and var additional)
        {
            found.Add(additional);
        }

        return found;
    }

    private static bool Matches(string pattern, string name)
    {
        using var empty = JsonIndex.Parse("{}"u8.ToArray(), out _);
        return SchemaPattern.Read(pattern, out _)?.IsMatch(new Evaluation(empty!, faultsMax: 0), name) == true;
    }

    private static IEnumerable<string> Required(IEnumerable<SchemaPart> parts) => parts.SelectMany(part =>
        part.Find("required"u8) is >= 0 and var list ? SchemaPlaces.Items(part.Index, list).Select(token => part.Index.Text(token)) : []);

    private static bool HasDefault(SchemaPart reader, string name) =>
        Properties(reader).TryGetValue(name, out var property) && reader.Index.Find(property, "default"u8) >= 0;
}
