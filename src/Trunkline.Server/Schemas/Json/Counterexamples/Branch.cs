using Trunkline.Server.Schemas.Json.Checks;
using Trunkline.Server.Schemas.Json.Compiling;
using Trunkline.Server.Schemas.Json.Values;

namespace Trunkline.Server.Schemas.Json.Counterexamples;

/// <summary>
/// What is known of a value of one kind while its claims are taken apart: demands that are certain, and choices of which one option each is true.
/// A keyword that is not understood demands nothing, so what is known is never more than what is true.
/// </summary>
internal sealed class Branch
{
    private readonly HashSet<Claim> _claims;
    private readonly SameSchemas _schemas;

    /// <summary>Nothing known yet.</summary>
    public Branch(JsonKind kind, SameSchemas schemas) => (Kind, _schemas, _claims, Demands, Choices) = (kind, schemas, [], [], []);

    private Branch(Branch other) => (Kind, _schemas, _claims, Demands, Choices, IsClosed) = (other.Kind, other._schemas, [.. other._claims], [.. other.Demands], [.. other.Choices], other.IsClosed);

    /// <summary>The kind.</summary>
    public JsonKind Kind { get; }

    /// <summary>True if it contradicts itself.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>What is certain.</summary>
    public List<Demand> Demands { get; }

    /// <summary>Of each, one option is true.</summary>
    public List<IReadOnlyList<Option>> Choices { get; }

    /// <summary>This, and one option more.</summary>
    public Branch With(Option option)
    {
        var copy = new Branch(this);
        copy.Add(option);
        return copy;
    }

    /// <summary>Takes an option in.</summary>
    public void Add(Option option)
    {
        Demands.AddRange(option.Demands);
        Add(option.Claims);
    }

    /// <summary>Takes claims in, with all that follows from them without a choice.</summary>
    public void Add(IEnumerable<Claim> claims)
    {
        var left = new Stack<Claim>(claims);
        while (!IsClosed && left.TryPop(out var next))
        {
            var claim = next with { Node = _schemas.First(next.Node) };
            if (_claims.Contains(claim.Opposite))
            {
                IsClosed = true;
            }
            else if (_claims.Add(claim))
            {
                Take(claim, left);
            }
        }
    }

    private void Take(Claim claim, Stack<Claim> left)
    {
        var allowed = claim.Node.Kinds.Has(Kind);
        if (!claim.Holds)
        {
            if (allowed)
            {
                Choose([.. Failures.Of(claim.Node, Kind)], left);
            }

            return;
        }

        if (!allowed)
        {
            IsClosed = true;
            return;
        }

        if (Kind == JsonKind.Number && claim.Node.Kinds.WholeOnly)
        {
            Demands.Add(new Demand(Way.Whole, Place: claim.Node.Kinds.Literally ? Demand.Literally : 0));
        }

        foreach (var check in claim.Node.ChecksFor(Kind))
        {
            Take(check, left);
        }
    }

    private void Take(SchemaCheck check, Stack<Claim> left)
    {
        switch (check)
        {
            case RefCheck reference:
                left.Push(new Claim(reference.Target, true));
                break;
            case NotCheck not:
                left.Push(new Claim(not.Part, false));
                break;
            case AllOfCheck all:
                foreach (var part in all.Parts)
                {
                    left.Push(new Claim(part, true));
                }

                break;
            case AnyOfCheck any:
                Choose([.. any.Parts.Select(taken => Option.Of([.. any.Parts.Where(part => part == taken || any.ExactlyOne).Select(part => new Claim(part, part == taken))]))], left);
                break;
            case IfCheck condition:
                Choose([Case(condition.Condition, true, condition.Then), Case(condition.Condition, false, condition.Else)], left);
                break;
            case DependentCheck dependent:
                Choose([Option.Of(new Demand(Way.Absent, dependent, Demand.Itself)), new Option(Of(dependent.Part), Present(dependent))], left);
                break;
            case DynamicRefCheck:
                break;
            default:
                Demands.Add(new Demand(Way.Holds, check));
                break;
        }
    }

    private static Option Case(SchemaNode condition, bool holds, SchemaNode? then) => Option.Of([new Claim(condition, holds), .. Of(then)]);

    private static Claim[] Of(SchemaNode? schema) => schema is null ? [] : [new Claim(schema, true)];

    private static List<Demand> Present(DependentCheck check) =>
        [.. Enumerable.Range(Demand.Itself, check.Required.Count + 1).Select(place => new Demand(Way.Present, check, place))];

    private void Choose(IReadOnlyList<Option> options, Stack<Claim> left)
    {
        switch (options.Count)
        {
            case 0:
                IsClosed = true;
                break;
            case 1:
                Demands.AddRange(options[0].Demands);
                foreach (var claim in options[0].Claims)
                {
                    left.Push(claim);
                }

                break;
            default:
                Choices.Add(options);
                break;
        }
    }
}
