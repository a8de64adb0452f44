using System.Globalization;
using System.Text;
using Trunkline.Server.Schemas.Json.Compiling;

namespace Trunkline.Server.Schemas.Json.Checks;

/// <summary><c>$ref</c>: as if the schema meant stood here.</summary>
internal sealed class RefCheck(SchemaNode target) : SchemaCheck
{
    public SchemaNode Target => target;

    public override bool Passes(Evaluation run, SchemaNode node, int token, Evaluated? seen) => run.Fits(target, token, seen);
}

/// <summary><c>$dynamicRef</c> and <c>$recursiveRef</c>: the outermost schema of that name among the resources being evaluated.</summary>
internal sealed class DynamicRefCheck(string anchor, SchemaNode fallback) : SchemaCheck
{
    public override bool Passes(Evaluation run, SchemaNode node, int token, Evaluated? seen)
    {
        foreach (var resource in run.Scope)
        {
            if (resource.DynamicNodes.TryGetValue(anchor, out var target))
            {
                return run.Fits(target, token, seen);
            }
        }

        return run.Fits(fallback, token, seen);
    }
}

/// <summary><c>allOf</c>.</summary>
internal sealed class AllOfCheck(SchemaNode[] parts) : SchemaCheck
{
    public IReadOnlyList<SchemaNode> Parts => parts;

    public override bool Passes(Evaluation run, SchemaNode node, int token, Evaluated? seen)
    {
        var fits = true;
        foreach (var part in parts)
        {
            fits &= run.Fits(part, token, seen);
            if (!fits && !run.Explains)
            {
                return false;
            }
        }

        return fits;
    }
}

/// <summary><c>anyOf</c> and <c>oneOf</c>.</summary>
internal sealed class AnyOfCheck(SchemaNode[] parts, bool exactlyOne) : SchemaCheck
{
    private readonly string _keyword = exactlyOne ? "oneOf" : "anyOf";

    public IReadOnlyList<SchemaNode> Parts => parts;

    public bool ExactlyOne => exactlyOne;

    public override bool Passes(Evaluation run, SchemaNode node, int token, Evaluated? seen)
    {
        var from = run.FaultCount;
        SchemaFault[]? nearest = null;
        var fitting = 0;
        foreach (var part in parts)
        {
            if (run.FitsOrUndoes(part, token, seen))
            {
                fitting++;
                if (exactlyOne ? fitting > 1 : seen is null)
                {
                    break;
                }
            }
            else if (run.TakeFaults(from) is { Length: > 0 } faults && (nearest is null || faults.Length < nearest.Length))
            {
                nearest = faults;
            }
        }

        run.TakeFaults(from);
        if (exactlyOne ? fitting == 1 : fitting > 0)
        {
            return true;
        }

        run.Fault(token, node, _keyword, fitting > 1 ? "fits more than one of the alternatives, only one is allowed"
            : string.Create(CultureInfo.InvariantCulture, $"fits none of the {parts.Length} alternatives; the faults of the nearest one follow"));
        run.AddFaults(fitting > 1 ? [] : nearest ?? []);
        return false;
    }
}

/// <summary><c>not</c>.</summary>
internal sealed class NotCheck(SchemaNode part) : SchemaCheck
{
    public SchemaNode Part => part;

    public override bool Passes(Evaluation run, SchemaNode node, int token, Evaluated? seen)
    {
        if (!run.FitsQuietly(part, token))
        {
            return run.GivenUp is null;
        }

        run.Fault(token, node, "not", "fits what it must not fit");
        return false;
    }
}

/// <summary><c>if</c>, <c>then</c>, <c>else</c>.</summary>
internal sealed class IfCheck(SchemaNode condition, SchemaNode? then, SchemaNode? otherwise) : SchemaCheck
{
    public SchemaNode Condition => condition;

    public SchemaNode? Then => then;

    public SchemaNode? Else => otherwise;

    public override bool Passes(Evaluation run, SchemaNode node, int token, Evaluated? seen)
    {
        var from = run.FaultCount;
        var holds = run.FitsOrUndoes(condition, token, seen);
        run.TakeFaults(from);
        var next = holds ? then : otherwise;
        return next is null ? run.GivenUp is null : run.Fits(next, token, seen);
    }
}

/// <summary><c>dependentRequired</c>, <c>dependentSchemas</c>, <c>dependencies</c>.</summary>
internal sealed class DependentCheck(string keyword, byte[] name, byte[][] required, SchemaNode? part) : SchemaCheck
{
    public override KindMask For => KindMask.Objects;

    public string Name { get; } = Encoding.UTF8.GetString(name);

    public IReadOnlyList<string> Required { get; } = [.. required.Select(other => Encoding.UTF8.GetString(other))];

    public SchemaNode? Part => part;

    public override bool Passes(Evaluation run, SchemaNode node, int token, Evaluated? seen)
    {
        if (run.Document.Find(token, name) < 0)
        {
            return true;
        }

        var fits = true;
        foreach (var other in required)
        {
            if (run.Document.Find(token, other) < 0)
            {
                fits = false;
                run.Fault(token, node, keyword, $"'{Encoding.UTF8.GetString(other)}' is required because '{Name}' is there");
            }
        }

        return (part is null || run.Fits(part, token, seen)) && fits;
    }
}
