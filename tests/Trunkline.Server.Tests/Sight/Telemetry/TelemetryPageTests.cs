using System.Text;
using System.Text.RegularExpressions;
using Trunkline.Core.Telemetry;

namespace Trunkline.Server.Tests.Sight.Telemetry;

/// <summary>The list of everything a node measures is made from the names in the code.</summary>
public sealed partial class TelemetryPageTests
{
    [Fact]
    public void The_page_of_telemetry_is_up_to_date()
    {
        var path = Path.Combine(Repository.Root, "docs", "telemetry.md");
        var page = Page();
        if (Environment.GetEnvironmentVariable("TRUNKLINE_WRITE_DOCS") == "1")
        {
            File.WriteAllText(path, page);
        }

        Assert.Equal(page, File.ReadAllText(path));
    }

    private static string Page()
    {
        var names = Entries("TelemetryNames.cs");
        var spans = Entries("SpanNames.cs");
        var page = new StringBuilder();
        page.Append("<!-- Made from src/Trunkline.Core/Telemetry; change it there, then run the test with TRUNKLINE_WRITE_DOCS=1. -->\n\n# Telemetry\n\n");
        page.Append("What a node measures and says about itself. Metrics count every message and are at `/metrics`; spans, metrics and logs go to a\n");
        page.Append("collector where the project names one ([how](how-to/send-telemetry.md)).\n\n");
        page.Append("Source and meter: `").Append(TelemetryNames.Source).Append("`. Names are those of OpenTelemetry's semantic conventions ").Append(SpanNames.Conventions).Append(" where it has one.\n");
        Table(page, "Spans", spans, "Span, ");
        Table(page, "Attributes of spans", spans, "Attribute");
        Table(page, "Metrics", names, "Counter", "Gauge", "Histogram");
        Table(page, "Labels of metrics", names, "Label");
        return page.ToString();
    }

    private static void Table(StringBuilder page, string title, List<(string Name, string What)> entries, params string[] kinds)
    {
        page.Append("\n## ").Append(title).Append("\n\n| name | what |\n|---|---|\n");
        foreach (var (name, what) in entries.Where(e => kinds.Any(k => e.What.StartsWith(k, StringComparison.Ordinal))))
        {
            page.Append("| `").Append(name).Append("` | ").Append(what).Append(" |\n");
        }
    }

    private static List<(string Name, string What)> Entries(string file)
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "src", "Trunkline.Core", "Telemetry", file));
        var values = Constant().Matches(text).ToDictionary(m => m.Groups["id"].Value, m => m.Groups["value"].Value);
        return [.. Constant().Matches(text).Select(m => (m.Groups["value"].Value, Plain(m.Groups["what"].Value, values)))];
    }

    private static string Plain(string summary, Dictionary<string, string> values)
    {
        var referred = Reference().Replace(summary, m => "`" + values.GetValueOrDefault(m.Groups["id"].Value, m.Groups["id"].Value) + "`");
        return referred.Replace("<c>", "`", StringComparison.Ordinal).Replace("</c>", "`", StringComparison.Ordinal).Replace("|", "\\|", StringComparison.Ordinal);
    }

    [GeneratedRegex("""/// <summary>(?<what>[^\r\n]*)</summary>\r?\n\s*public const string (?<id>\w+) = "(?<value>[^"]+)";""")]
    private static partial Regex Constant();

    [GeneratedRegex("""<see cref="(?<id>\w+)"/>""")]
    private static partial Regex Reference();
}
