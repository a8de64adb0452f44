using System.Globalization;
using Trunkline.Server.Schemas.Json.Compiling;
using Trunkline.Server.Schemas.Json.Values;

namespace Trunkline.Server.Schemas.Json.Checks;

/// <summary><c>minItems</c>, <c>maxItems</c>, <c>minProperties</c>, <c>maxProperties</c>.</summary>
internal sealed class CountCheck(KindMask kinds, string what, long least, long most) : SchemaCheck
{
    public override KindMask For => kinds;

    public long Least => least;

    public long Most => most;

    public override bool Passes(Evaluation run, SchemaNode node, int token, Evaluated? seen)
    {
        var count = run.Document[token].Count;
        if (count < least)
        {
            run.Fault(token, node, "min" + what, string.Create(CultureInfo.InvariantCulture, $"must have at least {least} {(kinds == KindMask.Arrays ? "items" : "properties")}"));
        }

        if (count > most)
        {
            run.Fault(token, node, "max" + what, string.Create(CultureInfo.InvariantCulture, $"must have at most {most} {(kinds == KindMask.Arrays ? "items" : "properties")}"));
        }

        return count >= least && count <= most;
    }
}

/// <summary><c>prefixItems</c>, <c>items</c> and <c>additionalItems</c>.</summary>
internal sealed class ItemsCheck(SchemaNode[] first, SchemaNode? rest) : SchemaCheck
{
    public override KindMask For => KindMask.Arrays;

    public IReadOnlyList<SchemaNode> First => first;

    public SchemaNode? Rest => rest;

    public override bool Passes(Evaluation run, SchemaNode node, int token, Evaluated? seen)
    {
        var fits = true;
        var place = 0;
        for (int at = token + 1, end = run.Document[token].Next; at < end; at = run.Document[at].Next, place++)
        {
            if ((place < first.Length ? first[place] : rest) is not { } schema)
            {
                break;
            }

            seen?.Mark(place);
            fits &= run.Fits(schema, at, null);
            if (!fits && !run.Explains)
            {
                return false;
            }
        }

        return fits;
    }
}

/// <summary><c>contains</c>, <c>minContains</c>, <c>maxContains</c>.</summary>
internal sealed class ContainsCheck(SchemaNode part, long least, long most, bool marks) : SchemaCheck
{
    public override KindMask For => KindMask.Arrays;

    public SchemaNode Part => part;

    public long Least => least;

    public long Most => most;

    public override bool Passes(Evaluation run, SchemaNode node, int token, Evaluated? seen)
    {
        long count = 0;
        var place = 0;
        for (int at = token + 1, end = run.Document[token].Next; at < end; at = run.Document[at].Next, place++)
        {
            if (run.FitsQuietly(part, at))
            {
                count++;
                if (marks)
                {
                    seen?.Mark(place);
                }
            }
        }

        if (count < least)
        {
            run.Fault(token, node, least == 1 ? "contains" : "minContains", string.Create(CultureInfo.InvariantCulture, $"must have at least {least} items that fit"));
        }

        if (count > most)
        {
            run.Fault(token, node, "maxContains", string.Create(CultureInfo.InvariantCulture, $"must have at most {most} items that fit"));
        }

        return count >= least && count <= most && run.GivenUp is null;
    }
}

/// <summary><c>uniqueItems</c>.</summary>
internal sealed class UniqueItemsCheck : SchemaCheck
{
    public override KindMask For => KindMask.Arrays;

    public override bool Passes(Evaluation run, SchemaNode node, int token, Evaluated? seen)
    {
        var values = new ValueSet();
        for (int at = token + 1, end = run.Document[token].Next; at < end; at = run.Document[at].Next)
        {
            if (!values.Add(run.Document, at))
            {
                run.Fault(at, node, "uniqueItems", "is there twice");
                return false;
            }
        }

        return true;
    }
}
