using System.Text;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Testing.Conformance;

/// <summary>The page of what each broker is held to: capabilities and cases by broker.</summary>
public static class ConformancePage
{
    /// <summary>Makes the page.</summary>
    /// <param name="declared">What each kind of broker declares, in the order of the columns.</param>
    public static string Make(IReadOnlyList<(string Kind, BrokerCapabilities Declared)> declared)
    {
        var page = new StringBuilder("# Conformance\n\n");
        page.Append("<!-- Made from the suite in src/Trunkline.Testing/Conformance; change it there, then run its tests with TRUNKLINE_WRITE_DOCS=1. -->\n\n");
        page.Append("One suite runs on every broker. A case runs where the broker declares all the case needs. Where something is not declared, every call that\n");
        page.Append("would use it must be refused with `NotSupported`; where that is required of the broker, its conformance fails.\n\n");
        Capabilities(page, declared);
        Cases(page, declared);
        return page.ToString();
    }

    private static void Capabilities(StringBuilder page, IReadOnlyList<(string Kind, BrokerCapabilities Declared)> brokers)
    {
        Head(page.Append("## Capabilities\n\n"), "| capability |", brokers);
        foreach (var capability in Enum.GetValues<BrokerCapabilities>().Where(c => c != BrokerCapabilities.None))
        {
            page.Append($"| {capability} |");
            foreach (var (kind, declared) in brokers)
            {
                var required = RequiredCapabilities.ByKind[kind].HasFlag(capability);
                page.Append((declared.HasFlag(capability), required) switch
                {
                    (true, true) => " required |",
                    (true, false) => " declared |",
                    (false, true) => " **required and missing** |",
                    (false, false) => " – |",
                });
            }

            page.Append('\n');
        }

        page.Append('\n');
    }

    private static void Cases(StringBuilder page, IReadOnlyList<(string Kind, BrokerCapabilities Declared)> brokers)
    {
        Head(page.Append("## Cases\n\n"), "| | case |", brokers);
        foreach (var number in Enumerable.Range(1, ConformanceCases.Count))
        {
            if (ConformanceCases.NotRun.TryGetValue(number, out var why))
            {
                page.Append($"| {number} | Not run: {why}. |{string.Concat(brokers.Select(_ => " – |"))}\n");
            }

            foreach (var found in ConformanceCases.All.Where(c => c.Number == number))
            {
                page.Append($"| {number} | {found.Sentence} |");
                foreach (var (_, declared) in brokers)
                {
                    var missing = found.Needs & ~declared;
                    page.Append(missing == BrokerCapabilities.None ? " runs |" : $" not declared: {missing} |");
                }

                page.Append('\n');
            }
        }
    }

    private static void Head(StringBuilder page, string first, IReadOnlyList<(string Kind, BrokerCapabilities Declared)> brokers)
    {
        page.Append($"{first}{string.Concat(brokers.Select(b => $" {b.Kind} |"))}\n");
        page.Append($"|{string.Concat(Enumerable.Repeat("---|", first.Count(c => c == '|') - 1 + brokers.Count))}\n");
    }
}
