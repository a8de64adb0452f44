using System.Text;
using Trunkline.Server.Expressions;
using Trunkline.Server.Schemas.Json.Checks;
using Trunkline.Server.Schemas.Json.Compiling;
using Trunkline.Server.Schemas.Json.Values;

namespace Trunkline.Server.Schemas.Json.Compatibility;

/// <summary>Comparing what schemas say of kinds, numbers, strings and counts.</summary>
internal static class ScalarDiff
{
    /// <summary>True if a reader's keywords about them accept what the writer's parts allow.</summary>
    public static bool Accepts(SchemaPart reader, List<SchemaPart> writer, List<Incompatibility> faults)
    {
        var kinds = Kinds(writer);
        var accepts = AcceptsKinds(reader, kinds, faults);
        if (reader.Find("enum"u8) >= 0 || (reader.Draft >= Draft.Six && reader.Find("const"u8) >= 0))
        {
            accepts = JsonSchemaDiff.Fault(faults, "ENUM_ARRAY_CHANGED", reader, "the reader accepts some values only, the writer does not say which it writes");
        }

        if (kinds.Has(JsonKind.Number))
        {
            accepts &= AcceptsBounds(reader, writer, faults) && AcceptsMultiples(reader, writer, kinds, faults);
        }

        if (kinds.Has(JsonKind.String))
        {
            accepts &= AcceptsCount(reader, writer, "minLength", "MIN_LENGTH", faults) & AcceptsCount(reader, writer, "maxLength", "MAX_LENGTH", faults);
            if (reader.Raw("pattern") is { } pattern && !writer.Any(part => part.Raw("pattern") == pattern))
            {
                accepts = JsonSchemaDiff.Fault(faults, writer.Any(part => part.Raw("pattern") is not null) ? "PATTERN_CHANGED" : "PATTERN_ADDED", reader, "the writer does not promise this pattern");
            }
        }

        if (kinds.Has(JsonKind.Array))
        {
            accepts &= AcceptsCount(reader, writer, "minItems", "MIN_ITEMS", faults) & AcceptsCount(reader, writer, "maxItems", "MAX_ITEMS", faults);
        }

        if (kinds.Has(JsonKind.Object))
        {
            accepts &= AcceptsCount(reader, writer, "minProperties", "MIN_PROPERTIES", faults) & AcceptsCount(reader, writer, "maxProperties", "MAX_PROPERTIES", faults);
        }

        return accepts;
    }

    /// <summary>The kinds of values that all of some schemas allow.</summary>
    public static KindMask Kinds(IEnumerable<SchemaPart> parts)
    {
        var all = KindMask.Any;
        foreach (var part in parts)
        {
            if (Kinds(part) is { } own)
            {
                all = new KindMask((byte)(all.Bits & own.Bits), all.WholeOnly || own.WholeOnly, all.Literally || own.Literally);
            }
        }

        return all;
    }

    private static KindMask? Kinds(SchemaPart part)
    {
        var type = part.Find("type"u8);
        if (type < 0)
        {
            return null;
        }

        var mask = KindMask.None;
        foreach (var name in part.Index[type].Kind == JsonKind.Array ? SchemaPlaces.Items(part.Index, type) : [type])
        {
            mask = mask.Or(KindMask.Named(part.Index.Utf8Of(name), literally: part.Draft == Draft.Four) ?? KindMask.None);
        }

        return mask;
    }

    private static bool AcceptsKinds(SchemaPart reader, KindMask writer, List<Incompatibility> faults)
    {
        if (Kinds(reader) is not { } own)
        {
            return true;
        }

        var wholeEnough = !own.WholeOnly || !writer.Has(JsonKind.Number) || (writer.WholeOnly && (!own.Literally || writer.Literally));
        return ((writer.Bits & ~own.Bits) == 0 && wholeEnough)
            || JsonSchemaDiff.Fault(faults, (writer.Bits & own.Bits) == 0 ? "TYPE_CHANGED" : "TYPE_NARROWED", reader, $"the writer writes other kinds of values: {own.Expectation} for the reader");
    }

    private static bool AcceptsBounds(SchemaPart reader, List<SchemaPart> writer, List<Incompatibility> faults)
    {
        var accepts = true;
        foreach (var (least, name) in new[] { (true, "MINIMUM"), (false, "MAXIMUM") })
        {
            foreach (var (bound, exclusive) in Bounds(reader, least))
            {
                var promised = writer.SelectMany(part => Bounds(part, least)).Any(other =>
                    NumberBound.Compare(other.Bound, bound) is var order && (order == 0 ? other.Exclusive || !exclusive : least ? order > 0 : order < 0));
                if (!promised)
                {
                    var was = writer.Any(part => Bounds(part, least).Any());
                    accepts = JsonSchemaDiff.Fault(faults, $"{(exclusive ? "EXCLUSIVE_" : "")}{name}_{(!was ? "ADDED" : least ? "INCREASED" : "DECREASED")}", reader, "the writer may go beyond this bound");
                }
            }
        }

        return accepts;
    }

    private static IEnumerable<(ExactDecimal Bound, bool Exclusive)> Bounds(SchemaPart part, bool least)
    {
        var (plain, exclusive) = (part.Find(least ? "minimum"u8 : "maximum"u8), part.Find(least ? "exclusiveMinimum"u8 : "exclusiveMaximum"u8));
        if (plain >= 0 && part.Index[plain].Kind == JsonKind.Number)
        {
            yield return (ExactDecimal.Parse(part.Index.Raw(plain)), exclusive >= 0 && part.Index[exclusive].Kind == JsonKind.True);
        }

        if (exclusive >= 0 && part.Index[exclusive].Kind == JsonKind.Number)
        {
            yield return (ExactDecimal.Parse(part.Index.Raw(exclusive)), true);
        }
    }

    private static bool AcceptsMultiples(SchemaPart reader, List<SchemaPart> writer, KindMask kinds, List<Incompatibility> faults)
    {
        var token = reader.Find("multipleOf"u8);
        if (token < 0)
        {
            return true;
        }

        var wanted = new NumberBound(reader.Index.Raw(token));
        var promised = (kinds.WholeOnly && wanted.Divides("1"u8))
            || writer.Any(part => part.Find("multipleOf"u8) is >= 0 and var other && wanted.Divides(part.Index.Raw(other)));
        return promised || JsonSchemaDiff.Fault(
            faults, writer.Any(part => part.Find("multipleOf"u8) >= 0) ? "MULTIPLE_OF_CHANGED" : "MULTIPLE_OF_ADDED", reader, "the writer may write other numbers");
    }

    private static bool AcceptsCount(SchemaPart reader, List<SchemaPart> writer, string keyword, string name, List<Incompatibility> faults)
    {
        var bytes = Encoding.UTF8.GetBytes(keyword);
        var token = reader.Find(bytes);
        var least = keyword[1] == 'i';
        if (token < 0 || (least && Number(reader, token) <= 0))
        {
            return true;
        }

        var told = writer.Select(part => (Part: part, Token: part.Find(bytes))).Where(one => one.Token >= 0).Select(one => Number(one.Part, one.Token)).ToList();
        var bound = Number(reader, token);
        return told.Exists(other => least ? other >= bound : other <= bound)
            || JsonSchemaDiff.Fault(faults, $"{name}_{(told.Count == 0 ? "ADDED" : least ? "INCREASED" : "DECREASED")}", reader, "the writer may go beyond this bound");
    }

    private static double Number(SchemaPart part, int token) => double.Parse(part.Index.Raw(token), System.Globalization.CultureInfo.InvariantCulture);
}
