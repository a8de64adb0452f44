using System.Globalization;
using System.Text.Json;
using System.Xml;
using System.Xml.Linq;

namespace Trunkline.Server.Pacts.Matching;

/// <summary>
/// Compares XML with what a pact expects of it. Elements and attributes are compared by name and namespace, whatever the prefix; elements of different names in any order. Rules name attributes
/// <c>['@name']</c> and text <c>['#text']</c>; the place of an element among those of its name may be left out.
/// </summary>
/// <param name="rules">The rules.</param>
/// <param name="allowsMore">Whether attributes and elements the pact does not speak of are fine.</param>
internal sealed class PactXmlBody(PactRules rules, bool allowsMore)
{
    private const string Category = "body";
    private const int MismatchesMax = 50;
    private const long CharactersMax = 16 * 1024 * 1024;

    private readonly List<PactMismatch> _wrong = [];

    /// <summary>Where it differs.</summary>
    public static IReadOnlyList<PactMismatch> Compare(PactRules rules, bool allowsMore, string expected, string actual)
    {
        if (Parse(expected) is not { Root: { } wanted })
        {
            return [new PactMismatch("body", "the pact expects XML that is none")];
        }

        if (Parse(actual) is not { Root: { } came })
        {
            return [new PactMismatch("body", "XML expected, what came is none")];
        }

        var body = new PactXmlBody(rules, allowsMore);
        body.Element(wanted, came, [Step(came, 0)]);
        return body._wrong;
    }

    private static XDocument? Parse(string text)
    {
        try
        {
            // No document type: it could name files and addresses.
            using var reader = XmlReader.Create(new StringReader(text), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = CharactersMax });
            return XDocument.Load(reader);
        }
        catch (XmlException)
        {
            return null;
        }
    }

    private void Element(XElement expected, XElement actual, List<PactStep> place)
    {
        if (expected.Name != actual.Name)
        {
            Note(place, $"element '{expected.Name}' expected, '{actual.Name}' came");
            return;
        }

        Attributes(expected, actual, place);
        Children(expected, actual, place);
        List<PactStep> text = [.. place, new PactStep("#text")];
        var (wanted, came) = (TextOf(expected), TextOf(actual));
        Value(text, wanted, came);
    }

    private void Attributes(XElement expected, XElement actual, List<PactStep> place)
    {
        foreach (var attribute in Own(expected))
        {
            List<PactStep> at = [.. place, new PactStep("@" + attribute.Name.LocalName)];
            if (actual.Attribute(attribute.Name) is { } came)
            {
                Value(at, attribute.Value, came.Value);
            }
            else
            {
                Note(at, "the attribute is missing");
            }
        }

        foreach (var more in allowsMore ? [] : Own(actual).Where(one => expected.Attribute(one.Name) is null))
        {
            Note(place, $"attribute '{more.Name}' is not expected");
        }
    }

    private void Children(XElement expected, XElement actual, List<PactStep> place)
    {
        var rule = rules.Find(Category, place, Fit);
        var isLike = rule is var (found, _) && found.All.Any(one => one.IsLike);
        if (isLike && rule!.Value.Rule.All.Max(one => one.Min) is { } min && actual.Elements().Count() < min)
        {
            Note(place, string.Create(CultureInfo.InvariantCulture, $"at least {min} elements expected"));
        }

        foreach (var same in expected.Elements().GroupBy(one => one.Name))
        {
            var (wanted, came) = (same.ToList(), actual.Elements(same.Key).ToList());
            for (var i = 0; i < came.Count && (isLike || i < wanted.Count); i++)
            {
                Element(wanted[i < wanted.Count ? i : 0], came[i], [.. place, Step(came[i], i)]);
            }

            if (came.Count == 0 || (!isLike && (came.Count < wanted.Count || (came.Count > wanted.Count && !allowsMore))))
            {
                Note(place, string.Create(CultureInfo.InvariantCulture, $"{wanted.Count} of '{same.Key}' expected, {came.Count} came"));
            }
        }

        foreach (var more in isLike || !allowsMore ? actual.Elements().Where(one => expected.Element(one.Name) is null) : [])
        {
            Note(place, $"element '{more.Name}' is not expected");
        }
    }

    private void Value(List<PactStep> place, string expected, string actual)
    {
        if (rules.Find(Category, place, Fit) is var (rule, _))
        {
            if (PactValues.Check(rule, Json(expected), Json(actual), isText: true) is { } wrong)
            {
                Note(place, wrong);
            }
        }
        else if (expected != actual)
        {
            Note(place, $"{PactValues.Tell(Json(expected))} expected, {PactValues.Tell(Json(actual))} came");
        }
    }

    /// <summary>A place of XML has the index with the name; a path may have it as a step of its own, or leave it out.</summary>
    private static (double Weight, bool IsOwn) Fit(PactPath path, IReadOnlyList<PactStep> place)
    {
        var (weight, at, length) = (2.0, 0, 1);
        while (at < path.Steps.Count && IsIndex(path.Steps[at]))
        {
            at++;
        }

        foreach (var step in place)
        {
            if (at == path.Steps.Count)
            {
                // What is said of an element is said of its text.
                return (weight * length, step.Name == "#text" && step == place[^1] && length == place.Count);
            }

            weight *= PactPath.Weight(path.Steps[at], new PactStep(step.Name));
            at++;
            length++;
            if (at < path.Steps.Count && step.Index is { } index && IsIndex(path.Steps[at]))
            {
                weight *= PactPath.Weight(path.Steps[at], new PactStep(null, index));
                at++;
            }
        }

        return (at == path.Steps.Count ? weight * length : 0, true);
    }

    private static bool IsIndex(PactStep step) => step.Index is not null || step.IsAnyItem;

    private static PactStep Step(XElement element, int index) => new(element.Name.LocalName, index);

    private static IEnumerable<XAttribute> Own(XElement element) => element.Attributes().Where(one => !one.IsNamespaceDeclaration);

    private static string TextOf(XElement element) => string.Concat(element.Nodes().OfType<XText>().Select(one => one.Value)).Trim();

    private static JsonElement Json(string text) => JsonSerializer.SerializeToElement(text, MatchingJson.Default.String);

    private void Note(IEnumerable<PactStep> place, string wrong)
    {
        if (_wrong.Count < MismatchesMax)
        {
            _wrong.Add(new PactMismatch("body $" + string.Concat(place.Select(step => "." + step.Name)), wrong));
        }
    }
}
