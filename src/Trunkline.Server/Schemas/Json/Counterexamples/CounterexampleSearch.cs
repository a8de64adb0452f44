using System.Globalization;
using System.Runtime.CompilerServices;
using Trunkline.Server.Schemas.Json.Compiling;
using Trunkline.Server.Schemas.Json.Values;

namespace Trunkline.Server.Schemas.Json.Counterexamples;

/// <summary>
/// Looks for a value that one schema allows and another one refuses, or proves that there is none. Claims are taken apart kind by kind and
/// choice by choice until what is left can be decided by bounds, counts and values below; every value found is checked by the schemas
/// themselves. Work is bounded; at the bound nothing is known.
/// </summary>
internal sealed class CounterexampleSearch
{
    private const int StepsMax = 20_000;

    private static readonly JsonKind[] s_kinds = [JsonKind.Null, JsonKind.True, JsonKind.False, JsonKind.String, JsonKind.Number, JsonKind.Array, JsonKind.Object];
    private static readonly JsonKind[] s_names = [JsonKind.String];

    private readonly SameSchemas _schemas = new();
    private readonly Dictionary<SchemaNode, int> _numbers = [];
    private readonly Dictionary<string, Finding> _known = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _open = new(StringComparer.Ordinal);
    private int _assumed = int.MaxValue;
    private int _steps;

    private CounterexampleSearch()
    {
    }

    /// <summary>A value the writer's schema allows and the reader's refuses; the proof that there is none; or neither.</summary>
    public static Finding Find(SchemaNode writer, SchemaNode reader) =>
        SelfReference.IsIn(writer) || SelfReference.IsIn(reader) ? Finding.Unknown : new CounterexampleSearch().Solve([new(writer, true), new(reader, false)], []);

    /// <summary>A value that meets claims and is none of some others.</summary>
    public Finding Solve(IReadOnlyCollection<Claim> claims, IReadOnlyList<string> others) => Solve(claims, others, s_kinds);

    /// <summary>As <see cref="Solve(IReadOnlyCollection{Claim}, IReadOnlyList{string})"/>, for the name of a property.</summary>
    public Finding SolveName(IReadOnlyCollection<Claim> claims, IReadOnlyList<string> others) => Solve(claims, others, s_names);

    private Finding Solve(IReadOnlyCollection<Claim> claims, IReadOnlyList<string> others, JsonKind[] kinds)
    {
        var all = claims.Select(claim => claim with { Node = _schemas.First(claim.Node) }).Distinct().ToList();
        if (!Spend())
        {
            return Finding.Unknown;
        }

        if (all.Exists(claim => all.Contains(claim.Opposite)))
        {
            return Finding.None;
        }

        var key = string.Join(',', all.Select(KeyOf).Order(StringComparer.Ordinal));

        // A smallest value does not hold another one that meets the same claims, so none is to be looked for below itself.
        if (_open.TryGetValue(key, out var level))
        {
            _assumed = Math.Min(_assumed, level);
            return Finding.None;
        }

        var full = others.Count == 0 && kinds == s_kinds ? key : string.Create(CultureInfo.InvariantCulture, $"{key}|{kinds.Length}|{string.Join(',', others)}");
        if (_known.TryGetValue(full, out var known))
        {
            return known;
        }

        return Judge(new Question(this, all, others), kinds, full);
    }

    /// <summary>Counts work; false when it is no longer worth it.</summary>
    public bool Spend(int steps = 1) => (_steps += steps) <= StepsMax && RuntimeHelpers.TryEnsureSufficientExecutionStack();

    private Finding Judge(Question question, JsonKind[] kinds, string key)
    {
        var (own, outer) = (_open.Count, _assumed);
        _open.Add(key, own);
        _assumed = int.MaxValue;
        var finding = Judge(question, kinds);
        _open.Remove(key);

        // What rests on something further out being impossible is only true as long as that is looked at.
        if (!finding.IsNone || _assumed >= own)
        {
            _known[key] = finding;
        }

        _assumed = Math.Min(outer, _assumed >= own ? int.MaxValue : _assumed);
        return finding;
    }

    private Finding Judge(Question question, JsonKind[] kinds)
    {
        var none = true;
        foreach (var kind in kinds)
        {
            if (Literal(kind) is { } json)
            {
                if (question.IsMetBy(json))
                {
                    return Finding.Some(json);
                }

                continue;
            }

            var branch = new Branch(kind, _schemas);
            branch.Add(question.Claims);
            var finding = Explore(branch, question);
            if (finding.Value is not null)
            {
                return finding;
            }

            none &= finding.IsNone;
        }

        return none ? Finding.None : Finding.Unknown;
    }

    private Finding Explore(Branch branch, Question question)
    {
        if (branch.IsClosed)
        {
            return Finding.None;
        }

        var finding = Spend() ? question.Decide(branch) : Finding.Unknown;
        if (finding.IsNone || finding.Value is not null || branch.Choices.Count == 0 || !Spend())
        {
            return finding;
        }

        if (Narrow(branch, question) is { } early)
        {
            return early;
        }

        if (branch.Choices.Count == 0)
        {
            return question.Decide(branch);
        }

        var choice = branch.Choices.MinBy(options => options.Count)!;
        branch.Choices.Remove(choice);
        var none = true;
        foreach (var option in choice)
        {
            var found = Explore(branch.With(option), question);
            if (found.Value is not null)
            {
                return found;
            }

            none &= found.IsNone;
        }

        return none ? Finding.None : Finding.Unknown;
    }

    /// <summary>Takes out options that cannot be, until each choice has several; the finding if that decides it.</summary>
    private Finding? Narrow(Branch branch, Question question)
    {
        for (var at = 0; at < branch.Choices.Count; at++)
        {
            var left = new List<Option>();
            foreach (var option in branch.Choices[at])
            {
                var with = branch.With(option);
                var finding = with.IsClosed ? Finding.None : Spend() ? question.Decide(with) : Finding.Unknown;
                if (finding.Value is not null)
                {
                    return finding;
                }

                if (!finding.IsNone)
                {
                    left.Add(option);
                }
            }

            if (left.Count == 0)
            {
                return Finding.None;
            }

            branch.Choices[at] = left;
            if (left.Count == 1)
            {
                branch.Choices.RemoveAt(at);
                branch.Add(left[0]);
                if (branch.IsClosed)
                {
                    return Finding.None;
                }

                // What is certain now may take options out of any choice.
                at = -1;
            }
        }

        return null;
    }

    private static string? Literal(JsonKind kind) => kind switch { JsonKind.Null => "null", JsonKind.True => "true", JsonKind.False => "false", _ => null };

    private string KeyOf(Claim claim)
    {
        if (!_numbers.TryGetValue(claim.Node, out var number))
        {
            _numbers.Add(claim.Node, number = _numbers.Count);
        }

        return (claim.Holds ? "+" : "-") + number.ToString(CultureInfo.InvariantCulture);
    }
}
