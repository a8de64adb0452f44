using Trunkline.Server.Schemas.Json.Checks;
using Trunkline.Server.Schemas.Json.Compiling;
using Trunkline.Server.Schemas.Json.Values;

namespace Trunkline.Server.Schemas.Json.Counterexamples;

/// <summary>The ways in which a schema, or a check of it, can fail.</summary>
internal static class Failures
{
    // Of so many alternatives any two may fit at once; beyond, which two is left open.
    private const int PairsOf = 16;

    /// <summary>All ways in which a value of a kind the schema allows does not fit it.</summary>
    public static IEnumerable<Option> Of(SchemaNode node, JsonKind kind)
    {
        if (kind == JsonKind.Number && node.Kinds.WholeOnly)
        {
            yield return Option.Of(new Demand(Way.NotWhole, Place: node.Kinds.Literally ? Demand.Literally : 0));
        }

        foreach (var option in node.ChecksFor(kind).SelectMany(Of))
        {
            yield return option;
        }

        if (node.Unevaluated is not null && kind is JsonKind.Object or JsonKind.Array)
        {
            yield return Option.Anything;
        }
    }

    private static IEnumerable<Option> Of(SchemaCheck check) => check switch
    {
        RefCheck reference => [Option.Of(new Claim(reference.Target, false))],
        NotCheck not => [Option.Of(new Claim(not.Part, true))],
        AllOfCheck all => all.Parts.Select(part => Option.Of(new Claim(part, false))),
        AnyOfCheck any => [Option.Of([.. any.Parts.Select(part => new Claim(part, false))]), .. any.ExactlyOne ? Pairs(any.Parts) : []],
        IfCheck condition => Of(condition),
        DependentCheck dependent => Of(dependent),
        LengthCheck length => Outside(check, length.Least, length.Most),
        CountCheck count => Outside(check, count.Least, count.Most),
        ContainsCheck contains => Outside(check, contains.Least, contains.Most),
        ItemsCheck items => Of(items),
        ObjectCheck properties => Of(properties),
        EnumCheck or BoundCheck or MultipleOfCheck or PatternCheck or FormatCheck or UniqueItemsCheck => [Option.Of(new Demand(Way.Fails, check))],
        _ => [Option.Anything],
    };

    private static IEnumerable<Option> Pairs(IReadOnlyList<SchemaNode> parts)
    {
        if (parts.Count > PairsOf)
        {
            yield return Option.Anything;
            yield break;
        }

        for (var i = 0; i < parts.Count; i++)
        {
            for (var j = i + 1; j < parts.Count; j++)
            {
                yield return Option.Of(new Claim(parts[i], true), new Claim(parts[j], true));
            }
        }
    }

    private static IEnumerable<Option> Of(IfCheck check)
    {
        if (check.Then is { } then)
        {
            yield return Option.Of(new Claim(check.Condition, true), new Claim(then, false));
        }

        if (check.Else is { } otherwise)
        {
            yield return Option.Of(new Claim(check.Condition, false), new Claim(otherwise, false));
        }
    }

    private static IEnumerable<Option> Of(DependentCheck check)
    {
        for (var i = 0; i < check.Required.Count; i++)
        {
            yield return Option.Of(new Demand(Way.Present, check, Demand.Itself), new Demand(Way.Absent, check, i));
        }

        if (check.Part is { } part)
        {
            yield return new Option([new Claim(part, false)], [new Demand(Way.Present, check, Demand.Itself)]);
        }
    }

    private static IEnumerable<Option> Outside(SchemaCheck check, long least, long most)
    {
        if (least > 0)
        {
            yield return Option.Of(new Demand(Way.BelowLeast, check));
        }

        if (most < long.MaxValue)
        {
            yield return Option.Of(new Demand(Way.AboveMost, check));
        }
    }

    private static IEnumerable<Option> Of(ItemsCheck check)
    {
        for (var i = 0; i < check.First.Count; i++)
        {
            yield return Option.Of(new Demand(Way.Item, check, i));
        }

        if (check.Rest is not null)
        {
            yield return Option.Of(new Demand(Way.LaterItem, check));
        }
    }

    private static IEnumerable<Option> Of(ObjectCheck check)
    {
        var rules = check.Rules;
        for (var i = 0; i < rules.Names.Count; i++)
        {
            if (rules.Required[i] >= 0)
            {
                yield return Option.Of(new Demand(Way.Missing, check, i));
            }

            if (rules.Schemas[i] is not null)
            {
                yield return Option.Of(new Demand(Way.Property, check, i));
            }
        }

        for (var i = 0; i < rules.Patterns.Length; i++)
        {
            yield return Option.Of(new Demand(Way.PatternProperty, check, i));
        }

        if (rules.Additional is not null)
        {
            yield return Option.Of(new Demand(Way.AdditionalProperty, check));
        }

        if (rules.NameSchema is not null)
        {
            yield return Option.Of(new Demand(Way.Name, check));
        }
    }
}
