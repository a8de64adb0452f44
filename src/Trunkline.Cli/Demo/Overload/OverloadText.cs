using System.Globalization;
using Spectre.Console;
using Trunkline.Cli.Terminal;

namespace Trunkline.Cli.Demo.Overload;

/// <summary>The result of the overload demo for people.</summary>
internal static class OverloadText
{
    public static void Write(Output output, OverloadReport report)
    {
        var (before, after) = (report.Before, report.After);
        var table = new Table().Border(TableBorder.Simple)
            .AddColumn("").AddColumn(new TableColumn("64 at once").RightAligned()).AddColumn(new TableColumn("overload: buffer").RightAligned());
        Row(table, "answered", $"{before.Delivered} of {report.Messages}", $"{after.Delivered} of {report.Messages}");
        Row(table, "given up (dead letters)", $"{before.DeadLetters}", $"{after.DeadLetters}");
        Row(table, "calls of the model", $"{before.Calls}", $"{after.Calls}");
        Row(table, "calls it worked on for nobody", $"{before.WastedCalls}", $"{after.WastedCalls}");
        Row(table, "quiet tenants, median wait", Ms(before.QuietP50Ms), Ms(after.QuietP50Ms));
        Row(table, "quiet tenants, p99", Ms(before.QuietP99Ms), Ms(after.QuietP99Ms));
        Row(table, "until all was through", $"{before.Seconds} s", $"{after.Seconds} s");
        output.Write(table);
        output.Line(report.AddsUp
            ? "With limits that adapt the flow kept every message until the model had room for it."
            : "The messages do not add up: see the table.");
        output.Line("What else a flow can do then: docs/how-to/models-under-pressure.md");
    }

    private static void Row(Table table, string what, FormattableString before, FormattableString after) =>
        table.AddRow(what, before.ToString(CultureInfo.InvariantCulture), after.ToString(CultureInfo.InvariantCulture));

    private static FormattableString Ms(double value) => $"{value:N0} ms";
}
