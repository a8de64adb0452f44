using System.CommandLine;
using System.Globalization;
using Trunkline.Cli.Reports;
using Trunkline.Cli.Terminal;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline why FLOW</c></summary>
internal static class WhyCommand
{
    private static readonly Argument<string> Flow = new("flow") { Description = "The flow." };

    public static Command Create()
    {
        var command = new Command("why", "Say why a flow is slow or fails: causes ranked by evidence of the last minutes beside the day before. Exit code 1 if something stands out.")
        {
            Flow, SharedOptions.Node, SharedOptions.Json,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        using var client = SharedOptions.Client(parsed);
        var why = await Patience.WaitAsync(output, $"waiting for {client.Address}", client.GetWhyAsync(parsed.GetRequiredValue(Flow), cancellationToken));
        output.Result(why, ApiJson.Default.WhyView, text => Show(text, why));
        return why.Suspects.Count > 0 ? ExitCode.Found : ExitCode.Done;
    }

    private static void Show(Output text, WhyView why)
    {
        text.Line(SafeText.Line(why.Summary, 300));
        foreach (var (suspect, place) in why.Suspects.Select((s, i) => (s, i + 1)))
        {
            text.Line(string.Create(CultureInfo.InvariantCulture, $"{place}. {suspect.Hop} ({suspect.Kind}){(suspect.Messages is { } which ? $", {SafeText.Line(which, 100)}" : "")}"));
            foreach (var evidence in suspect.Evidence)
            {
                text.Line($"   {SafeText.Line(evidence.Says, 300)} [{evidence.Link}]");
            }
        }

        text.Line("");
        text.Line($"{Amount.Time(why.From)} to {Amount.Time(why.Until)}, {(why.BaselineFrom is { } since ? $"beside what was kept since {Amount.Time(since)}" : "nothing is known of the time before")}");
        text.Table(
            ["hop", "", "#share", "#p50", "#p99", "#usual p50", "#usual p99"],
            [.. why.Times.Select(t => (IReadOnlyList<string>)
            [
                t.Hop, t.Kind, (t.Share * 100).ToString("0", CultureInfo.InvariantCulture) + " %", Time(t.P50Ms), Time(t.P99Ms), Time(t.UsualP50Ms), Time(t.UsualP99Ms),
            ])],
            "No message came in this time.");
    }

    private static string Time(double? ms) => MapGraphs.Time(ms) ?? "-";
}
