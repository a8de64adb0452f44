using System.Text;
using System.Text.Json;
using Trunkline.Server.Schemas.Json.Checks;
using Trunkline.Server.Schemas.Json.Compiling;
using Trunkline.Server.Schemas.Json.Values;

namespace Trunkline.Server.Schemas.Json.Counterexamples;

/// <summary>All names nobody mentions that the same patterns are found in: the same is said of their values.</summary>
/// <param name="Matching">The patterns found in them.</param>
/// <param name="Values">What is claimed of the value of one.</param>
internal sealed record NameGroup(IReadOnlySet<string> Matching, IReadOnlyList<Claim> Values)
{
    /// <summary>True if one of them may break a rule in this way.</summary>
    public bool MayHold(Breach breach) => breach.Way switch
    {
        Way.PatternProperty => Matching.Contains(breach.Rules.Patterns[breach.Place].Pattern.Shown),
        Way.AdditionalProperty => !breach.Rules.Patterns.Any(one => Matching.Contains(one.Pattern.Shown)),
        _ => true,
    };
}

/// <summary>What rules say of names, and of values by their names.</summary>
internal sealed class ObjectNames
{
    // So many patterns make 64 groups.
    private const int PatternsMax = 6;

    // Names that a new one is asked to differ from.
    private const int OthersMax = 40;

    private readonly IReadOnlyList<ObjectRules> _rules;
    private readonly IReadOnlyList<Breach> _breaches;
    private readonly IReadOnlySet<string> _mentioned;
    private readonly Dictionary<(SchemaPattern, string), bool> _matches = [];
    private readonly List<string> _patterns;
    private List<NameGroup>? _groups;

    /// <summary>Names under some rules, of which some are broken.</summary>
    public ObjectNames(IReadOnlyList<ObjectRules> rules, IReadOnlyList<Breach> breaches, IReadOnlySet<string> mentioned)
    {
        (_rules, _breaches, _mentioned) = (rules, breaches, mentioned);
        _patterns = [.. rules.Concat(breaches.Select(breach => breach.Rules)).SelectMany(one => one.Patterns).Select(one => one.Pattern.Shown).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>True if there are more patterns than can be told apart.</summary>
    public bool AreTooMany => _patterns.Count > PatternsMax;

    /// <summary>The names nobody mentions, by the patterns found in them. Some of the groups may be empty.</summary>
    public IReadOnlyList<NameGroup> Groups => _groups ??= [.. Enumerable.Range(0, 1 << _patterns.Count).Select(Group)];

    /// <summary>True if a pattern or schema took too long for a name, so that nothing is proved by what was said of it.</summary>
    public bool AreUnsure { get; private set; }

    /// <summary>True if a pattern is found in a name.</summary>
    public bool Matches(SchemaPattern pattern, string name)
    {
        if (!_matches.TryGetValue((pattern, name), out var found))
        {
            using var nothing = JsonIndex.Parse("0"u8.ToArray(), out _);
            var run = new Evaluation(nothing!, faultsMax: 0);
            _matches.Add((pattern, name), found = pattern.IsMatch(run, name));
            AreUnsure |= run.GivenUp is not null;
        }

        return found;
    }

    /// <summary>True if a schema accepts a name.</summary>
    public bool Fits(SchemaNode schema, string name)
    {
        using var value = JsonIndex.Parse(Encoding.UTF8.GetBytes(StringCase.Json(name)), out _);
        var run = new Evaluation(value!, faultsMax: 0);
        var fits = run.Fits(schema, 0, null);
        AreUnsure |= run.GivenUp is not null;
        return fits;
    }

    /// <summary>True if rules have a schema for just this name.</summary>
    public static bool IsNamed(ObjectRules rules, string name) => Schema(rules, name) is not null;

    /// <summary>True if no rule forbids a name.</summary>
    public bool IsAllowed(string name) => _rules.All(rules => rules.NameSchema is not { } schema || Fits(schema, name));

    /// <summary>What is claimed of the value of a name.</summary>
    public IEnumerable<Claim> At(string name) => _rules.SelectMany(rules => Applying(rules, Schema(rules, name), pattern => Matches(pattern, name)));

    /// <summary>Names nobody mentions, to be tried.</summary>
    public IEnumerable<string> Fresh(CounterexampleSearch search) => Samples.Texts(_patterns.Concat(NamePatterns()))
        .Concat(Found(search, [])).Concat(_breaches.Where(breach => breach.Way == Way.Name).SelectMany(breach => Found(search, [new Claim(breach.Rules.NameSchema!, false)])))
        .Where(name => !_mentioned.Contains(name));

    /// <summary>A name nobody mentions that meets what is claimed of names; that there is none is proved, if it is, by the finding.</summary>
    public Finding Name(CounterexampleSearch search, IEnumerable<Claim> more)
    {
        Claim[] claims = [.. NameSchemas().Select(node => new Claim(node, true)), .. more];
        return claims.Length == 0 ? Finding.Some("\"\"") : search.SolveName(claims, _mentioned.Count <= OthersMax ? [.. _mentioned.Select(StringCase.Json)] : []);
    }

    private static SchemaNode? Schema(ObjectRules rules, string name) => rules.ByName.GetValueOrDefault(name);

    private static List<Claim> Applying(ObjectRules rules, SchemaNode? own, Func<SchemaPattern, bool> matches)
    {
        var claims = new List<Claim>();
        if (own is not null)
        {
            claims.Add(new Claim(own, true));
        }

        claims.AddRange(rules.Patterns.Where(one => matches(one.Pattern)).Select(one => new Claim(one.Schema, true)));
        if (claims.Count == 0 && rules.Additional is { } additional)
        {
            claims.Add(new Claim(additional, true));
        }

        return claims;
    }

    private NameGroup Group(int bits)
    {
        var matching = _patterns.Where((_, i) => (bits & (1 << i)) != 0).ToHashSet(StringComparer.Ordinal);
        return new(matching, [.. _rules.SelectMany(rules => Applying(rules, null, pattern => matching.Contains(pattern.Shown)))]);
    }

    private IEnumerable<string> Found(CounterexampleSearch search, IEnumerable<Claim> more) =>
        Name(search, more).Value is { } json ? [JsonSerializer.Deserialize<string>(json)!] : [];

    private IEnumerable<SchemaNode> NameSchemas() => _rules.Select(rules => rules.NameSchema).OfType<SchemaNode>();

    private IEnumerable<string> NamePatterns() => NameSchemas().Concat(_breaches.Select(breach => breach.Rules.NameSchema).OfType<SchemaNode>())
        .SelectMany(node => node.ChecksFor(JsonKind.String)).OfType<PatternCheck>().Select(check => check.Pattern.Shown);
}
