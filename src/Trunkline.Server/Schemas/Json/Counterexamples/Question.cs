using System.Text;
using Trunkline.Server.Schemas.Json.Checks;
using Trunkline.Server.Schemas.Json.Values;

namespace Trunkline.Server.Schemas.Json.Counterexamples;

/// <summary>Claims that a value is looked for, and others it must differ from.</summary>
internal sealed class Question(CounterexampleSearch search, IReadOnlyList<Claim> claims, IReadOnlyList<string> others)
{
    private readonly HashSet<string> _refused = new(StringComparer.Ordinal);

    /// <summary>The claims.</summary>
    public IReadOnlyList<Claim> Claims => claims;

    /// <summary>True if a value meets the claims, as the schemas themselves judge.</summary>
    public bool IsMetBy(string json)
    {
        if (_refused.Contains(json))
        {
            return false;
        }

        using var value = JsonIndex.Parse(Encoding.UTF8.GetBytes(json), out _);
        var met = value is not null && claims.All(claim => Meets(value, claim)) && others.All(other => Differs(value, other));
        if (!met)
        {
            _refused.Add(json);
        }

        return met;
    }

    /// <summary>The first of some values that meets the claims; else what is to be thought then.</summary>
    public Finding FirstOf(IEnumerable<string> values, Finding otherwise)
    {
        foreach (var value in values)
        {
            if (IsMetBy(value))
            {
                return Finding.Some(value);
            }
        }

        return otherwise;
    }

    /// <summary>A value that meets what is certain in a branch and all claims, or the proof that nothing meets what is certain.</summary>
    public Finding Decide(Branch branch)
    {
        // Where values are listed, they are simply tried: the claims say at least as much as the branch.
        if (branch.Demands.Find(demand => demand is { Way: Way.Holds, Check: EnumCheck }).Check is EnumCheck listed)
        {
            var values = listed.Values.Where(value => listed.Schema[value].Kind == branch.Kind).Select(listed.Schema.Json);
            return FirstOf(branch.Kind == JsonKind.Number ? values.SelectMany(NumberCase.Forms) : values, IsExact(branch.Kind) ? Finding.None : Finding.Unknown);
        }

        return branch.Kind switch
        {
            JsonKind.Number => new NumberCase(branch.Demands).Decide(this),
            JsonKind.String => new StringCase(branch.Demands).Decide(this),
            JsonKind.Array => new ArrayCase(branch.Demands, search).Decide(this),
            _ => new ObjectCase(branch.Demands, search).Decide(this),
        };
    }

    // Equal numbers may be written with a fraction or without, which draft 4 tells apart; deeper in a value only one of the forms is tried.
    private bool IsExact(JsonKind kind) => kind is JsonKind.Number or JsonKind.String || claims.All(claim => claim.Node.Resource.Dialect.Draft != Draft.Four);

    private static bool Meets(JsonIndex value, Claim claim)
    {
        var run = new Evaluation(value, faultsMax: 0);
        return run.Fits(claim.Node, 0, null) == claim.Holds && run.GivenUp is null;
    }

    private static bool Differs(JsonIndex value, string other)
    {
        using var index = JsonIndex.Parse(Encoding.UTF8.GetBytes(other), out _);
        return !JsonEquality.AreEqual(value, 0, index!, 0);
    }
}
