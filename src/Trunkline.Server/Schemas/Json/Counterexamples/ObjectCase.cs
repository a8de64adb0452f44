using Trunkline.Server.Schemas.Json.Checks;

namespace Trunkline.Server.Schemas.Json.Counterexamples;

/// <summary>An object: which names, how many, with what values.</summary>
internal sealed class ObjectCase
{
    // Objects are tried with so many properties more than they need.
    private const int BuiltMore = 2;

    private const int NamesPerStep = 8;

    private readonly CounterexampleSearch _search;
    private readonly ObjectNames _names;
    private readonly List<ObjectRules> _rules = [];
    private readonly HashSet<string> _mentioned = new(StringComparer.Ordinal);
    private readonly HashSet<string> _present = new(StringComparer.Ordinal);
    private readonly HashSet<string> _absent = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<Claim>> _unfit = new(StringComparer.Ordinal);
    private readonly List<Breach> _breaches = [];
    private long _least;
    private long _most = long.MaxValue;

    /// <summary>What is asked of an object.</summary>
    public ObjectCase(IReadOnlyList<Demand> demands, CounterexampleSearch search)
    {
        _search = search;
        foreach (var demand in demands)
        {
            Take(demand);
        }

        _mentioned.UnionWith(_present);
        _mentioned.UnionWith(_absent);
        _names = new ObjectNames(_rules, _breaches, _mentioned);
    }

    /// <summary>An object, or the proof that there is none.</summary>
    public Finding Decide(Question question)
    {
        var finding = Judge(question);
        return finding.IsNone && _names.AreUnsure ? Finding.Unknown : finding;
    }

    private Finding Judge(Question question)
    {
        if (_least > _most || _present.Count > _most || _present.Overlaps(_absent) || _present.Any(name => !IsPossible(name, [])))
        {
            return Finding.None;
        }

        if (_names.AreTooMany)
        {
            return Finding.Unknown;
        }

        if (_breaches.Exists(breach => !IsPossible(breach)) || HasTooFewNames())
        {
            return Finding.None;
        }

        return question.FirstOf(Enumerable.Range(0, BuiltMore + 1).Select(Build).OfType<string>(), Finding.Unknown);
    }

    private void Take(Demand demand)
    {
        switch (demand.Check)
        {
            case CountCheck count:
                _least = Math.Max(_least, demand.Way switch { Way.Holds => count.Least, Way.AboveMost => count.Most + 1, _ => 0 });
                _most = Math.Min(_most, demand.Way switch { Way.Holds => count.Most, Way.BelowLeast => count.Least - 1, _ => long.MaxValue });
                break;
            case DependentCheck dependent:
                (demand.Way == Way.Present ? _present : _absent).Add(demand.Place == Demand.Itself ? dependent.Name : dependent.Required[demand.Place]);
                break;
            case ObjectCheck check:
                Take(check.Rules, demand);
                break;
        }
    }

    private void Take(ObjectRules rules, Demand demand)
    {
        _search.Spend(rules.Names.Count / NamesPerStep);
        _mentioned.UnionWith(rules.Names);
        switch (demand.Way)
        {
            case Way.Holds:
                _rules.Add(rules);
                _present.UnionWith(rules.Names.Where((_, i) => rules.Required[i] >= 0));
                break;
            case Way.Missing:
                _absent.Add(rules.Names[demand.Place]);
                break;
            case Way.Property:
                var name = rules.Names[demand.Place];
                _present.Add(name);
                (_unfit.TryGetValue(name, out var known) ? known : _unfit[name] = []).Add(new Claim(rules.Schemas[demand.Place]!, false));
                break;
            default:
                _breaches.Add(new Breach(rules, demand.Way, demand.Place));
                break;
        }
    }

    /// <summary>What is claimed of a property that is mentioned; null if there may be none of this name.</summary>
    private List<Claim>? At(string name)
    {
        if (_absent.Contains(name) || !_names.IsAllowed(name))
        {
            return null;
        }

        return [.. _names.At(name), .. _unfit.GetValueOrDefault(name) ?? []];
    }

    private bool IsPossible(string name, IEnumerable<Claim> more) => At(name) is { } claims && !_search.Solve([.. claims, .. more], []).IsNone;

    private bool IsPossible(Breach breach)
    {
        // Where no more names fit in, it has to be one of those that are there.
        var places = _present.Count >= _most ? _present : _mentioned;
        return places.Any(name => breach.MayBe(_names, name) && IsPossible(name, breach.Value))
            || (_present.Count < _most && _names.Groups.Any(group => group.MayHold(breach) && IsPossible(group, breach)));
    }

    private bool IsPossible(NameGroup group, Breach? breach) =>
        !_names.Name(_search, breach is { Way: Way.Name } ? [new Claim(breach.Rules.NameSchema!, false)] : Array.Empty<Claim>()).IsNone
        && !_search.Solve([.. group.Values, .. breach?.Value ?? []], []).IsNone;

    private bool HasTooFewNames()
    {
        if (_least <= _present.Count || _names.Groups.Any(group => IsPossible(group, null)))
        {
            return false;
        }

        return _mentioned.Count(name => IsPossible(name, [])) < _least;
    }

    private string? Build(int more)
    {
        var wanted = Math.Min(Math.Max(_least, _present.Count) + more, _most);
        var properties = _present.ToDictionary(name => name, name => At(name)!, StringComparer.Ordinal);
        foreach (var breach in _breaches)
        {
            if (!Give(properties, breach))
            {
                return null;
            }
        }

        foreach (var name in _mentioned.Concat(_names.Fresh(_search)))
        {
            if (properties.Count >= wanted)
            {
                break;
            }

            if (!properties.ContainsKey(name) && At(name) is { } claims && _search.Solve(claims, []).Value is not null)
            {
                properties.Add(name, claims);
            }
        }

        var written = new List<string>();
        foreach (var (name, claims) in properties)
        {
            if (_search.Solve(claims, []).Value is not { } value)
            {
                return null;
            }

            written.Add(StringCase.Json(name) + ":" + value);
        }

        return "{" + string.Join(',', written) + "}";
    }

    private bool Give(Dictionary<string, List<Claim>> properties, Breach breach)
    {
        foreach (var name in properties.Keys.Concat(_mentioned).Concat(_names.Fresh(_search)).Distinct(StringComparer.Ordinal))
        {
            var there = properties.TryGetValue(name, out var known);
            if ((there || properties.Count < _most) && breach.MayBe(_names, name) && (known ?? At(name)) is { } claims
                && _search.Solve([.. claims, .. breach.Value], []).Value is not null)
            {
                properties[name] = [.. claims, .. breach.Value];
                return true;
            }
        }

        return false;
    }
}
