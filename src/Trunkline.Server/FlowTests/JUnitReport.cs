using System.Globalization;
using System.Text;
using System.Xml;

namespace Trunkline.Server.FlowTests;

/// <summary>A report as CI systems read it: the JUnit format as Jenkins' xunit plugin publishes it (junit-10.xsd), a suite per file.</summary>
public static class JUnitReport
{
    /// <summary>The document.</summary>
    public static string Render(FlowTestReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var text = new Utf8Writer();
        using (var xml = XmlWriter.Create(text, new XmlWriterSettings { Indent = true, NewLineChars = "\n", CheckCharacters = true }))
        {
            xml.WriteStartElement("testsuites");
            xml.WriteAttributeString("name", "trunkline test");
            Counts(xml, report.Tests);
            foreach (var file in report.Tests.GroupBy(test => test.File))
            {
                xml.WriteStartElement("testsuite");
                xml.WriteAttributeString("name", Clean(file.Key));
                Counts(xml, [.. file]);
                foreach (var test in file)
                {
                    Write(xml, test);
                }

                xml.WriteEndElement();
            }

            xml.WriteEndElement();
        }

        return text + "\n";
    }

    private static void Counts(XmlWriter xml, IReadOnlyList<FlowTestView> tests)
    {
        xml.WriteAttributeString("tests", Number(tests.Count));
        xml.WriteAttributeString("failures", Number(tests.Count(test => !test.Passed)));
        xml.WriteAttributeString("errors", "0");
        xml.WriteAttributeString("time", Seconds(tests.Sum(test => test.DurationMs)));
    }

    private static void Write(XmlWriter xml, FlowTestView test)
    {
        xml.WriteStartElement("testcase");
        xml.WriteAttributeString("name", Clean(test.Name));
        xml.WriteAttributeString("classname", Clean(test.Flow));
        xml.WriteAttributeString("time", Seconds(test.DurationMs));
        if (!test.Passed)
        {
            var lines = test.Failures.Select(f => $"{f.File}:{f.Line}: {f.Message}\n  expected: {f.Expected}\n  got:      {f.Got}");
            xml.WriteStartElement("failure");
            xml.WriteAttributeString("message", Clean(test.Failures[0].Message));
            xml.WriteAttributeString("type", "expectation");
            xml.WriteString(Clean(string.Join("\n", lines)));
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
