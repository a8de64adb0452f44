namespace Trunkline.Server.Schemas.Json.Counterexamples;

/// <summary>An array of a length, put together item by item.</summary>
internal sealed class ArrayBuild
{
    private readonly ArrayCase _case;
    private readonly List<Claim>[] _claims;

    /// <summary>Nothing yet but what is claimed of each place.</summary>
    public ArrayBuild(ArrayCase array, int length) => (_case, _claims) = (array, [.. Enumerable.Range(0, length).Select(array.At)]);

    /// <summary>The array as JSON; null if an item was not found.</summary>
    public string? Value(CounterexampleSearch search)
    {
        foreach (var (from, claim) in _case.Later)
        {
            if (!Give(search, claim, 1, from))
            {
                return null;
            }
        }

        foreach (var (claim, count) in _case.AtLeast)
        {
            if (!Give(search, claim, count, 0))
            {
                return null;
            }
        }

        foreach (var (claim, count) in _case.AtMost)
        {
            Spare(search, claim, count);
        }

        return Build(search);
    }

    /// <summary>Gives a claim to so many places, those that have no other to bear first.</summary>
    private bool Give(CounterexampleSearch search, Claim claim, long count, int from)
    {
        var places = Enumerable.Range(from, Math.Max(0, _claims.Length - from)).OrderBy(place => _claims[place].Count(one => one.Holds == claim.Holds && one != claim)).ThenByDescending(place => place);
        foreach (var place in places)
        {
            if (count > 0 && !_claims[place].Contains(claim) && search.Solve([.. _claims[place], claim], []).Value is not null)
            {
                _claims[place].Add(claim);
                count--;
            }
        }

        return count <= 0;
    }

    /// <summary>Keeps a claim from all places but so many.</summary>
    private void Spare(CounterexampleSearch search, Claim claim, long count)
    {
        foreach (var claims in _claims)
        {
            if (!claims.Contains(claim) && search.Solve([.. claims, claim.Opposite], []).Value is not null)
            {
                claims.Add(claim.Opposite);
            }
            else if (--count < 0)
            {
                return;
            }
        }
    }

    private string? Build(CounterexampleSearch search)
    {
        var items = new List<string>();
        var pair = _case.HasDouble ? Pair(search) : null;
        foreach (var claims in _claims)
        {
            var twin = pair is { } found && (items.Count == found.First || items.Count == found.Second);
            if ((twin ? pair!.Value.Json : search.Solve(claims, _case.IsUnique ? [.. items] : []).Value) is not { } item)
            {
                return null;
            }

            items.Add(item);
        }

        return "[" + string.Join(',', items) + "]";
    }

    private (int First, int Second, string Json)? Pair(CounterexampleSearch search)
    {
        for (var second = _claims.Length - 1; second > 0; second--)
        {
            for (var first = 0; first < second; first++)
            {
                if (search.Solve([.. _claims[first], .. _claims[second]], []).Value is { } json)
                {
                    return (first, second, json);
                }
            }
        }

        return null;
    }
}
