using System.Globalization;
using System.Text;
using System.Xml;

namespace Trunkline.Server.FlowTests;

/// <summary>A test as CI systems know it.</summary>
/// <param name="Suite">What it is listed under.</param>
/// <param name="Name">Its name.</param>
/// <param name="Class">What it tests.</param>
public sealed record JUnitCase(string Suite, string Name, string Class)
{
    /// <summary>How long it took, in milliseconds. Default 0.</summary>
    public double DurationMs { get; init; }

    /// <summary>Why it failed; null if it passed.</summary>
    public JUnitFailure? Failure { get; init; }
}

/// <summary>Why a test failed.</summary>
/// <param name="Type">Its kind.</param>
/// <param name="Message">In a line.</param>
/// <param name="Text">All of it.</param>
public sealed record JUnitFailure(string Type, string Message, string Text);

/// <summary>A report as CI systems read it: the JUnit format as Jenkins' xunit plugin publishes it (junit-10.xsd).</summary>
public static class JUnitReport
{
    /// <summary>The document of a run of flow tests, a suite per file.</summary>
    public static string Render(FlowTestReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        return Render("trunkline test", report.Tests.Select(test => new JUnitCase(test.File, test.Name, test.Flow)
        {
            DurationMs = test.DurationMs,
            Failure = test.Passed ? null : new JUnitFailure("expectation", test.Failures[0].Message, string.Join("\n", test.Failures.Select(f =>
                $"{f.File}:{f.Line}: {f.Message}\n  expected: {f.Expected}\n  got:      {f.Got}"))),
        }));
    }

    /// <summary>The document of any tests.</summary>
    /// <param name="name">What ran them.</param>
    /// <param name="tests">The tests.</param>
    public static string Render(string name, IEnumerable<JUnitCase> tests)
    {
        var all = tests.ToList();
        var text = new Utf8Writer();
        using (var xml = XmlWriter.Create(text, new XmlWriterSettings { Indent = true, NewLineChars = "\n", CheckCharacters = true }))
        {
            xml.WriteStartElement("testsuites");
            xml.WriteAttributeString("name", name);
            Counts(xml, all);
            foreach (var suite in all.GroupBy(test => test.Suite))
            {
                xml.WriteStartElement("testsuite");
                xml.WriteAttributeString("name", Clean(suite.Key));
                Counts(xml, [.. suite]);
                foreach (var test in suite)
                {
                    Write(xml, test);
                }

                xml.WriteEndElement();
            }

            xml.WriteEndElement();
        }

        return text + "\n";
    }

    private static void Counts(XmlWriter xml, List<JUnitCase> tests)
    {
        xml.WriteAttributeString("tests", Number(tests.Count));
        xml.WriteAttributeString("failures", Number(tests.Count(test => test.Failure is not null)));
        xml.WriteAttributeString("errors", "0");
        xml.WriteAttributeString("time", Seconds(tests.Sum(test => test.DurationMs)));
    }

    private static void Write(XmlWriter xml, JUnitCase test)
    {
        xml.WriteStartElement("testcase");
        xml.WriteAttributeString("name", Clean(test.Name));
        xml.WriteAttributeString("classname", Clean(test.Class));
        xml.WriteAttributeString("time", Seconds(test.DurationMs));
        if (test.Failure is { } failure)
        {
            xml.WriteStartElement("failure");
            xml.WriteAttributeString("message", Clean(failure.Message));
            xml.WriteAttributeString("type", failure.Type);
            xml.WriteString(Clean(failure.Text));
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    private static string Number(int count) => count.ToString(CultureInfo.InvariantCulture);

    private static string Seconds(double milliseconds) => (milliseconds / 1000).ToString("0.000", CultureInfo.InvariantCulture);

    /// <summary>XML 1.0 has no way to write most control characters, nor half a pair.</summary>
    private static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            clean.Append(rune.Value is '\t' or '\n' or '\r' || (rune.Value >= 0x20 && rune.Value is not (0xFFFE or 0xFFFF)) ? rune.ToString() : "\uFFFD");
        }

        return clean.ToString();
    }

    private sealed class Utf8Writer() : StringWriter(CultureInfo.InvariantCulture)
    {
        public override Encoding Encoding => Encoding.UTF8;
    }
}
