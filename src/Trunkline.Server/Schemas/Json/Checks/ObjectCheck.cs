using Trunkline.Server.Schemas.Json.Compiling;
using Trunkline.Server.Schemas.Json.Values;

namespace Trunkline.Server.Schemas.Json.Checks;

/// <summary>What is asked of an object's properties.</summary>
internal sealed class ObjectRules
{
    private IReadOnlyDictionary<string, SchemaNode?>? _byName;

    /// <summary>Every name that <c>properties</c> or <c>required</c> mentions.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>The schema of each name; null if it is only required.</summary>
    public required SchemaNode?[] Schemas { get; init; }

    /// <summary>For each name, its place among those required; -1 if it is not.</summary>
    public required int[] Required { get; init; }

    /// <summary><c>patternProperties</c>.</summary>
    public required (SchemaPattern Pattern, SchemaNode Schema)[] Patterns { get; init; }

    /// <summary><c>additionalProperties</c>.</summary>
    public SchemaNode? Additional { get; init; }

    /// <summary><c>propertyNames</c>.</summary>
    public SchemaNode? NameSchema { get; init; }

    /// <summary>The schemas by name, made when they are first asked for so.</summary>
    public IReadOnlyDictionary<string, SchemaNode?> ByName => _byName ??= Names.Select((name, i) => (name, Schemas[i])).ToDictionary(StringComparer.Ordinal);
}

/// <summary>
/// <c>properties</c>, <c>patternProperties</c>, <c>additionalProperties</c>, <c>propertyNames</c> and <c>required</c> in one pass. A name that
/// is there twice is checked twice: whichever of the two a reader takes, it fits.
/// </summary>
internal sealed class ObjectCheck(ObjectRules rules) : SchemaCheck
{
    private const int OnStack = 8;
    private readonly NameTable _names = new(rules.Names);
    private readonly int _required = rules.Required.Count(place => place >= 0);

    public override KindMask For => KindMask.Objects;

    public ObjectRules Rules => rules;

    public override bool Passes(Evaluation run, SchemaNode node, int token, Evaluated? seen)
    {
        var words = (_required + 63) / 64;
        Span<ulong> there = words <= OnStack ? stackalloc ulong[words] : new ulong[words];
        var fits = true;
        var found = 0;
        var place = 0;
        for (int at = token + 1, end = run.Document[token].Next; at < end; at = run.Document[at + 1].Next, place++)
        {
            var name = rules.Names.Count == 0 ? -1 : _names.Find(run.Document.Utf8Of(at));
            if (name >= 0 && rules.Required[name] is >= 0 and var bit && (there[bit >> 6] & (1UL << bit)) == 0)
            {
                there[bit >> 6] |= 1UL << bit;
                found++;
            }

            fits &= PropertyFits(run, at, name, out var evaluated);
            if (evaluated)
            {
                seen?.Mark(place);
            }

            if (!fits && !run.Explains)
            {
                return false;
            }
        }

        if (found < _required)
        {
            fits = false;
            TellMissing(run, node, token, there);
        }

        return fits;
    }

    private bool PropertyFits(Evaluation run, int at, int name, out bool evaluated)
    {
        var fits = true;
        evaluated = false;
        if (name >= 0 && rules.Schemas[name] is { } schema)
        {
            evaluated = true;
            fits = run.Fits(schema, at + 1, null);
        }

        if (rules.Patterns.Length > 0)
        {
            var text = run.Document.Text(at);
            foreach (var (pattern, part) in rules.Patterns)
            {
                if (pattern.IsMatch(run, text))
                {
                    evaluated = true;
                    fits &= run.Fits(part, at + 1, null);
                }
            }
        }

        if (!evaluated && rules.Additional is { } additional)
        {
            evaluated = true;
            fits &= run.Fits(additional, at + 1, null);
        }

        return (rules.NameSchema is null || run.Fits(rules.NameSchema, at, null)) && fits && run.GivenUp is null;
    }

    private void TellMissing(Evaluation run, SchemaNode node, int token, ReadOnlySpan<ulong> there)
    {
        for (var i = 0; run.Explains && i < rules.Names.Count; i++)
        {
            if (rules.Required[i] is >= 0 and var bit && (there[bit >> 6] & (1UL << bit)) == 0)
            {
                run.Fault(token, node, "required", $"the property '{rules.Names[i]}' is missing");
            }
        }
    }
}
