using System.CommandLine;
using System.Globalization;
using Trunkline.Cli.Demo;
using Trunkline.Cli.Demo.Failure;
using Trunkline.Cli.Terminal;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline demo failure</c></summary>
internal static class DemoFailureCommand
{
    public static Command Create()
    {
        var command = new Command("failure", "Show a sink that dies and comes back, and a poison mail: parked, redriven in order, every mail counted.") { SharedOptions.Json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var output = SharedOptions.Output(parsed);
            using var folder = DemoFolder.Open(null);
            var report = await new FailureRun(folder, output).RunAsync(cancellationToken);
            if (output.Json)
            {
                output.Verbatim(report.ToJson() + "\n");
                output.Flush();
            }
            else
            {
                Write(output, report);
            }

            return report.AddsUp ? ExitCode.Done : ExitCode.Found;
        });
        return command;
    }

    private static void Write(Output text, FailureReport report)
    {
        text.Table(
            ["", "#dead letters", "#parked keys", "#waiting", "#in the topic", "#at the webhook", "#refused", "#fidelity"],
            [Row("while it was broken", report.Before), Row("in the end", report.After)],
            "");
        text.Line($"redriven: {report.Redrive}; asked once more: {report.RedriveAgain}");
        text.Line(Arrivals("topic", report.Topic));
        text.Line(Arrivals("webhook", report.Sink));
        text.Line(report.AddsUp ? $"All {report.In} mails arrived once, in order, at both." : "It does not add up.");
    }

    private static IReadOnlyList<string> Row(string when, FailureStanding standing) =>
    [
        when, Amount.Count(standing.DeadLetters), Amount.Count(standing.ParkedKeys), Amount.Count(standing.Waiting), Amount.Count(standing.InTopic),
        Amount.Count(standing.AtSink), Amount.Count(standing.Refused), standing.Fidelity?.ToString("P1", CultureInfo.InvariantCulture) ?? "-",
    ];

    private static string Arrivals(string where, FailureArrivals arrivals) =>
        $"{where}: {arrivals.Once} mails, {arrivals.Missing} missing, {arrivals.Doubled} doubled, {arrivals.OutOfOrder} out of order";
}
