using Trunkline.Server.Schemas.Json.Checks;

namespace Trunkline.Server.Schemas.Json.Counterexamples;

/// <summary>An array: how long, what at which place, what how often, with or without doubles.</summary>
internal sealed class ArrayCase
{
    // Beyond so many places of their own nothing is decided.
    private const int PlacesMax = 60;

    // Arrays that are built are so long at most.
    private const int BuiltMax = 100;

    private readonly CounterexampleSearch _search;
    private readonly List<ItemsCheck> _items = [];
    private readonly Dictionary<int, List<Claim>> _at = [];
    private readonly List<(int From, Claim Claim)> _later = [];
    private readonly List<(Claim Claim, long Count)> _atLeast = [];
    private readonly List<(Claim Claim, long Count)> _atMost = [];
    private readonly List<Claim> _everywhere = [];
    private readonly bool _unique;
    private readonly bool _double;
    private readonly int _places;
    private long _least;
    private long _most = long.MaxValue;

    /// <summary>What is asked of an array.</summary>
    public ArrayCase(IReadOnlyList<Demand> demands, CounterexampleSearch search)
    {
        _search = search;
        foreach (var demand in demands)
        {
            Take(demand);
        }

        _unique = demands.Any(demand => demand is { Way: Way.Holds, Check: UniqueItemsCheck });
        _double = demands.Any(demand => demand is { Way: Way.Fails, Check: UniqueItemsCheck });
        _places = Math.Max(_items.Select(check => check.First.Count).DefaultIfEmpty().Max(), Math.Max(_at.Keys.Select(at => at + 1).DefaultIfEmpty().Max(), _later.Select(one => one.From).DefaultIfEmpty().Max()));
    }

    /// <summary>An array, or the proof that there is none.</summary>
    public Finding Decide(Question question)
    {
        if (_places > PlacesMax)
        {
            return Finding.Unknown;
        }

        // The last of these stands for all behind it.
        for (var place = 0; place <= _places && place < _most; place++)
        {
            if (_search.Solve(At(place), []).IsNone)
            {
                _most = place;
            }
        }

        if (_least > _most || (_unique && _double) || IsImpossible())
        {
            return Finding.None;
        }

        for (var length = _least; length <= Math.Min(_most, _least + 3) && length <= BuiltMax; length++)
        {
            if (new ArrayBuild(this, (int)length).Value(_search) is { } json && question.IsMetBy(json))
            {
                return Finding.Some(json);
            }
        }

        return Finding.Unknown;
    }

    /// <summary>What is claimed of the item at a place.</summary>
    public List<Claim> At(int place)
    {
        var claims = new List<Claim>(_everywhere);
        claims.AddRange(_items.Select(check => place < check.First.Count ? check.First[place] : check.Rest).Where(node => node is not null).Select(node => new Claim(node!, true)));
        claims.AddRange(_at.GetValueOrDefault(place) ?? []);
        return claims;
    }

    /// <summary>What some item behind a place must be.</summary>
    public IReadOnlyList<(int From, Claim Claim)> Later => _later;

    /// <summary>What how many items must be.</summary>
    public IReadOnlyList<(Claim Claim, long Count)> AtLeast => _atLeast;

    /// <summary>What only so many items may be.</summary>
    public IReadOnlyList<(Claim Claim, long Count)> AtMost => _atMost;

    /// <summary>True if no two items may be equal.</summary>
    public bool IsUnique => _unique;

    /// <summary>True if two items must be equal.</summary>
    public bool HasDouble => _double;

    private void Take(Demand demand)
    {
        switch (demand.Check, demand.Way)
        {
            case (CountCheck count, _):
                _least = Math.Max(_least, demand.Way switch { Way.Holds => count.Least, Way.AboveMost => count.Most + 1, _ => 0 });
                _most = Math.Min(_most, demand.Way switch { Way.Holds => count.Most, Way.BelowLeast => count.Least - 1, _ => long.MaxValue });
                break;
            case (ItemsCheck items, Way.Holds):
                _items.Add(items);
                break;
            case (ItemsCheck items, Way.Item):
                (_at.TryGetValue(demand.Place, out var known) ? known : _at[demand.Place] = []).Add(new Claim(items.First[demand.Place], false));
                _least = Math.Max(_least, demand.Place + 1);
                break;
            case (ItemsCheck items, Way.LaterItem):
                _later.Add((items.First.Count, new Claim(items.Rest!, false)));
                _least = Math.Max(_least, items.First.Count + 1);
                break;
            case (ContainsCheck contains, Way.Holds):
                Count(contains, contains.Least, contains.Most);
                break;
            case (ContainsCheck contains, Way.BelowLeast):
                Count(contains, 0, contains.Least - 1);
                break;
            case (ContainsCheck contains, Way.AboveMost):
                Count(contains, contains.Most + 1, long.MaxValue);
                break;
        }
    }

    private void Count(ContainsCheck contains, long least, long most)
    {
        if (least > 0)
        {
            _atLeast.Add((new Claim(contains.Part, true), least));
            _least = Math.Max(_least, least);
        }

        if (most == 0)
        {
            _everywhere.Add(new Claim(contains.Part, false));
        }
        else if (most < long.MaxValue)
        {
            _atMost.Add((new Claim(contains.Part, true), most));
        }
    }

    private bool IsImpossible() =>
        _later.Exists(one => !Places(one.From).Any(place => IsPossible(place, one.Claim)))
        || _atLeast.Exists(one => Room(one.Claim) < one.Count || _atMost.Exists(other => one.Count - other.Count > Room(one.Claim, other.Claim.Opposite)))
        || _atMost.Exists(one => Forced(one.Claim) > one.Count)
        || (_double && !Pairs().Any(pair => !_search.Solve([.. At(pair.First), .. At(pair.Second)], []).IsNone))
        || (_unique && HasTooFewValues());

    private IEnumerable<int> Places(int from) => Enumerable.Range(from, Math.Max(0, _places - from + 1)).Where(place => place < _most);

    private bool IsPossible(int place, params IEnumerable<Claim> claims) => !_search.Solve([.. At(place), .. claims], []).IsNone;

    /// <summary>How many items at most can meet some claims.</summary>
    private long Room(params IReadOnlyList<Claim> claims)
    {
        var own = Places(0).Count(place => place < _places && IsPossible(place, claims));
        return _most > _places && IsPossible(_places, claims) ? (_most == long.MaxValue ? long.MaxValue : own + (_most - _places)) : own;
    }

    /// <summary>How many items at least meet a claim, whatever they are.</summary>
    private long Forced(Claim claim)
    {
        var own = Places(0).Count(place => place < _places && place < _least && !IsPossible(place, claim.Opposite));
        return _least > _places && !IsPossible(_places, claim.Opposite) ? own + (_least - _places) : own;
    }

    private IEnumerable<(int First, int Second)> Pairs()
    {
        // Two places behind all that have something of their own stand for any two.
        var last = (int)Math.Min(_most, _places + 2);
        return Enumerable.Range(0, last).SelectMany(first => Enumerable.Range(first + 1, last - first - 1).Select(second => (first, second)));
    }

    /// <summary>True if there are not as many different values as there must be items, where all places are alike.</summary>
    private bool HasTooFewValues()
    {
        if (_places > 0 || _least is < 2 or > 10)
        {
            return false;
        }

        var values = new List<string>();
        while (values.Count < _least)
        {
            var finding = _search.Solve(At(0), values);
            if (finding.Value is null)
            {
                return finding.IsNone;
            }

            values.Add(finding.Value);
        }

        return false;
    }
}
