using System.Runtime.CompilerServices;
using Trunkline.Server.Schemas.Json.Checks;
using Trunkline.Server.Schemas.Json.Compiling;

namespace Trunkline.Server.Schemas.Json.Counterexamples;

/// <summary>
/// Schemas that come back to themselves about the same value, so that checking a value has no end. What they mean cannot be reasoned about;
/// dynamic references, whose target is only known while a value is checked, are taken to be such.
/// </summary>
internal sealed class SelfReference
{
    private readonly Dictionary<SchemaNode, bool> _done = [];
    private readonly Queue<SchemaNode> _below = new();

    /// <summary>True if one is somewhere in a schema, or it is nested too deep to tell.</summary>
    public static bool IsIn(SchemaNode schema)
    {
        var search = new SelfReference();
        search._below.Enqueue(schema);
        while (search._below.TryDequeue(out var next))
        {
            if (search.Returns(next))
            {
                return true;
            }
        }

        return false;
    }

    private bool Returns(SchemaNode node)
    {
        if (_done.TryGetValue(node, out var done))
        {
            return !done;
        }

        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            return true;
        }

        _done.Add(node, false);
        foreach (var check in node.Checks)
        {
            foreach (var below in Below(check))
            {
                _below.Enqueue(below);
            }

            if (check is DynamicRefCheck || Beside(check).Any(Returns))
            {
                return true;
            }
        }

        _done[node] = true;
        return false;
    }

    /// <summary>Schemas of the same value.</summary>
    private static IEnumerable<SchemaNode> Beside(SchemaCheck check) => check switch
    {
        RefCheck reference => [reference.Target],
        NotCheck not => [not.Part],
        AllOfCheck all => all.Parts,
        AnyOfCheck any => any.Parts,
        IfCheck condition => new[] { condition.Condition, condition.Then, condition.Else }.OfType<SchemaNode>(),
        DependentCheck { Part: { } part } => [part],
        _ => [],
    };

    /// <summary>Schemas of items, properties and names.</summary>
    private static IEnumerable<SchemaNode> Below(SchemaCheck check) => check switch
    {
        ItemsCheck { Rest: var rest } items => rest is null ? items.First : items.First.Append(rest),
        ContainsCheck contains => [contains.Part],
        ObjectCheck { Rules: var rules } => rules.Schemas.Concat(rules.Patterns.Select(one => one.Schema)).Append(rules.Additional).Append(rules.NameSchema).OfType<SchemaNode>(),
        _ => [],
    };
}
