using System.CommandLine;
using Trunkline.Cli.Demo;
using Trunkline.Cli.Demo.Planted;
using Trunkline.Cli.Terminal;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline demo slow</c></summary>
internal static class DemoSlowCommand
{
    private static readonly Option<bool> Keep = new("--keep") { Description = "Leave the node running, and questions coming, until Ctrl-C." };

    public static Command Create()
    {
        var command = new Command("slow", "Plant a slow model in a chat that promises quick answers, and see the alert and the model named.") { Keep, SharedOptions.Json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var output = SharedOptions.Output(parsed);
            using var folder = DemoFolder.Open(null);
            var report = await new SlowModelRun(folder, output).RunAsync((found, url) => Show(output, found, url), parsed.GetValue(Keep), cancellationToken);
            return report.AddsUp ? ExitCode.Done : ExitCode.Found;
        });
        return command;
    }

    private static void Show(Output output, SlowModelReport report, Uri url)
    {
        if (output.Json)
        {
            output.Verbatim(report.ToJson() + "\n");
            output.Flush();
            return;
        }

        output.Line($"planted: model {report.Planted} of flow {report.Flow}");
        output.Line($"alert:   {SafeText.Line(report.Alert ?? "none", 200)}");
        output.Line($"why:     {SafeText.Line(report.Summary, 300)}");
        output.Line(report.AddsUp ? "The planted model is what is named." : "The planted model is not what is named.");
        output.Line($"With --keep, look around: {url}alerts, {url}why?flow={report.Flow}, trunkline why {report.Flow} --node {url}");
    }
}
