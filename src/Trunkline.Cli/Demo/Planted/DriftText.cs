using Spectre.Console;
using Trunkline.Cli.Terminal;

namespace Trunkline.Cli.Demo.Planted;

/// <summary>The planted drift for people.</summary>
internal static class DriftText
{
    /// <summary>What was planted, and what the node said.</summary>
    public static void Write(Output output, DriftReport report)
    {
        var told = report.Told.Count == 0 ? "not told" : $"told within {Amount.Count(report.Told.Max(alarm => alarm.Messages))} messages";
        output.Write(new Markup($"\n[bold]Drift, planted by this demo in {report.Topic}:[/] {report.Told.Count} of {report.Planted.Count} changes {told}, no mail touched.\n"));
        output.Write(new Markup($"[dim]  After {Amount.Count(report.Usual)} usual ratings a producer changed three fields. trunkline drift {report.Topic} says:[/]\n\n"));
        var grid = new Grid();
        foreach (var _ in (ReadOnlySpan<string>)["field", "change", "was", "now", "example", "owner"])
        {
            grid.AddColumn(new GridColumn().NoWrap().Padding(2, 0, 0, 0));
        }

        foreach (var alarm in report.Told)
        {
            grid.AddRow(Cells(alarm.Field, alarm.Kind, alarm.Was, alarm.Now, alarm.Example, alarm.Owner ?? "-"));
        }

        output.Write(grid);
    }

    /// <summary>What should have been told and was not, or the other way round; on stderr.</summary>
    public static void WriteFaults(Output output, DriftReport report)
    {
        foreach (var field in report.Planted.Except(report.Told.Select(alarm => alarm.Field)))
        {
            output.Note($"planted drift of {field} in {report.Topic} was not told within {Amount.Count(PlantedDrift.DriftedMax)} messages");
        }

        if (report.AlarmsBefore > 0)
        {
            output.Note($"{report.AlarmsBefore} alarms in {report.Topic} before anything was planted");
        }
    }

    private static Text[] Cells(params string[] texts) => [.. texts.Select(text => new Text(SafeText.Line(text)))];
}
