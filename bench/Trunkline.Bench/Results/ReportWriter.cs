using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Trunkline.Bench.Results;

/// <summary>Prints a report and keeps it as JSON and Markdown; that of a smoke run is printed only.</summary>
internal static class ReportWriter
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    public static async Task WriteAsync(Report report, BenchOptions options)
    {
        var json = JsonSerializer.Serialize(report, Indented);
        var text = Markdown(report);
        if (!options.IsSmoke)
        {
            Directory.CreateDirectory(options.Results);
            await File.WriteAllTextAsync(Path.Combine(options.Results, report.Name + ".json"), json + "\n");
            await File.WriteAllTextAsync(Path.Combine(options.Results, report.Name + ".md"), text);
        }

        Console.WriteLine(options.Json ? json : text);
    }

    private static string Markdown(Report report)
    {
        var text = new StringBuilder();
        Line(text, $"# bench {report.Name}");
        Line(text, $"{report.Date:yyyy-MM-dd HH:mm} UTC · {report.Machine}\n");
        if (report.Rows.Count > 0)
        {
            Rows(text, report);
        }

        if (report.Goals.Count > 0)
        {
            Goals(text, report);
        }

        foreach (var note in report.Notes)
        {
            Line(text, $"- {note}");
        }

        return text.ToString();
    }

    private static void Rows(StringBuilder text, Report report)
    {
        Line(text, $"| case | who | durability | msg/s | slowest to fastest round | p50 µs | p99 µs | cpu µs/msg |\n|---|---|---|---:|---:|---:|---:|---:|");
        foreach (var row in report.Rows)
        {
            Line(text, $"| {row.Case} | {row.Who} | {row.Durability} | {row.PerSecond:N0} | {row.Lowest:N0} to {row.Highest:N0} | {row.P50:N0} | {row.P99:N0} | {row.Cpu:0.00} |");
        }

        text.Append('\n');
    }

    private static void Goals(StringBuilder text, Report report)
    {
        Line(text, $"| goal | reached | asked | |\n|---|---:|---:|---|");
        foreach (var goal in report.Goals)
        {
            Line(text, $"| {goal.What} | {goal.Reached:0.00} | {(goal.AtLeast ? "≥" : "≤")} {goal.Asked:0.00} | {(goal.Met ? "met" : "missed")} |");
        }

        text.Append('\n');
    }

    private static void Line(StringBuilder text, FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
