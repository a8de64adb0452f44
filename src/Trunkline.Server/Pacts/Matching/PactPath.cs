using System.Globalization;

namespace Trunkline.Server.Pacts.Matching;

/// <summary>A step of a <see cref="PactPath"/>.</summary>
/// <param name="Name">The name of a member; null for an item, or for any.</param>
/// <param name="Index">The place of an item; null for a member, or for any.</param>
/// <param name="IsAnyItem">True for <c>[*]</c>, which means items only; <c>.*</c> means members and items.</param>
internal readonly record struct PactStep(string? Name, int? Index = null, bool IsAnyItem = false)
{
    /// <summary>True for <c>.*</c>.</summary>
    public bool IsAny => Name is null && Index is null && !IsAnyItem;
}

/// <summary>Where a rule of a pact holds: <c>$.animals[*].name</c>, <c>$['a b'][0]</c>. Immutable.</summary>
internal sealed class PactPath
{
    private const int StepsMax = 256;

    private PactPath(IReadOnlyList<PactStep> steps) => Steps = steps;

    /// <summary>A path of these steps.</summary>
    public static PactPath Of(IReadOnlyList<PactStep> steps) => new(steps);

    /// <summary>The steps behind the root.</summary>
    public IReadOnlyList<PactStep> Steps { get; }

    /// <summary>Reads a path; a text without a root is the name of one member, as headers and parameters are written.</summary>
    public static PactPath Parse(string text)
    {
        var steps = new List<PactStep>();
        if (!text.StartsWith('$'))
        {
            return new PactPath(text.Length == 0 ? [] : Bare(text));
        }

        var at = 1;
        while (at < text.Length && steps.Count < StepsMax)
        {
            if (text[at] == '.')
            {
                var end = text.AsSpan(at + 1).IndexOfAny('.', '[') is >= 0 and var length ? at + 1 + length : text.Length;
                steps.Add(text[(at + 1)..end] is "*" ? default : new PactStep(text[(at + 1)..end]));
                at = end;
            }
            else if (text[at] == '[')
            {
                at = Bracket(text, at, steps);
            }
            else
            {
                return new PactPath([new PactStep(text)]);
            }
        }

        return new PactPath(steps);
    }

    /// <summary>
    /// How well it fits a place: 0 if it does not; else twice as much for a named step as for any, and more for a longer path. A path fits what lies below its place too; it is a place's
    /// own if nothing lies between.
    /// </summary>
    public (double Weight, bool IsOwn) Fit(IReadOnlyList<PactStep> place)
    {
        if (Steps.Count > place.Count)
        {
            return (0, false);
        }

        var weight = 2.0;
        for (var i = 0; i < Steps.Count && weight > 0; i++)
        {
            weight *= Weight(Steps[i], place[i]);
        }

        return (weight * (Steps.Count + 1), Steps.Count == place.Count);
    }

    /// <summary>How well a step fits one of a place: 2 for itself, 1 for any, 0 if it does not.</summary>
    public static int Weight(PactStep step, PactStep at) =>
        step.IsAny ? 1
        : step.IsAnyItem ? (at.Index is null ? 0 : 1)
        : step.Name is { } name ? (name == at.Name || (at.Index is { } index && name == index.ToString(CultureInfo.InvariantCulture)) ? 2 : 0)
        : step.Index == at.Index ? 2 : 0;

    /// <summary>A place in words.</summary>
    public static string Tell(IEnumerable<PactStep> place) =>
        "$" + string.Concat(place.Select(step => step.Index is { } index ? string.Create(CultureInfo.InvariantCulture, $"[{index}]") : "." + step.Name));

    private static List<PactStep> Bare(string text)
    {
        var bracket = text.IndexOf('[', StringComparison.Ordinal);
        if (bracket <= 0 || text[^1] != ']')
        {
            return [new PactStep(text)];
        }

        var steps = new List<PactStep> { new(text[..bracket]) };
        Bracket(text, bracket, steps);
        return steps;
    }

    private static int Bracket(string text, int at, List<PactStep> steps)
    {
        var quote = at + 1 < text.Length && text[at + 1] is '\'' or '"' ? text[at + 1] : '\0';
        var close = quote == '\0' ? text.IndexOf(']', at) : text.IndexOf($"{quote}]", at + 2, StringComparison.Ordinal);
        if (close < 0)
        {
            steps.Add(new PactStep(text[(at + 1)..]));
            return text.Length;
        }

        var inner = quote == '\0' ? text[(at + 1)..close] : text[(at + 2)..close];
        steps.Add(quote != '\0' ? new PactStep(inner)
            : inner == "*" ? new PactStep(null, null, true)
            : int.TryParse(inner, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? new PactStep(null, index)
            : new PactStep(inner));
        return close + (quote == '\0' ? 1 : 2);
    }
}
