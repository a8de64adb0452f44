using System.CommandLine;
using System.Globalization;
using Trunkline.Cli.Reports;
using Trunkline.Cli.Terminal;
using Trunkline.Client.Api;
using Trunkline.Core.Config;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline path FLOW</c></summary>
internal static class PathCommand
{
    private static readonly Argument<string> Flow = new("flow") { Description = "The flow." };

    private static readonly Option<string[]> WhatIf = new("--what-if")
    {
        Description = "An owner of time and a factor, such as model.reply=0.5: what p50 and p99 would be. May be given several times.",
        HelpName = "OWNER=FACTOR",
    };

    private static readonly Option<double> Hours = new("--hours") { Description = "How far back, up to 48.", DefaultValueFactory = _ => 1 };

    public static Command Create()
    {
        var command = new Command("path", "Say whose time bounds how long a flow's messages take, from the traces kept of them, and what a faster hop would do.")
        {
            Flow, WhatIf, Hours, SharedOptions.Node, SharedOptions.Json,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        using var client = SharedOptions.Client(parsed);
        var path = await Patience.WaitAsync(
            output, $"waiting for {client.Address}", client.Traces.PathAsync(parsed.GetRequiredValue(Flow), parsed.GetValue(WhatIf) ?? [], parsed.GetValue(Hours), cancellationToken));
        output.Result(path, ApiJson.Default.PathView, text => Show(text, path));
        return ExitCode.Done;
    }

    private static void Show(Output text, PathView path)
    {
        text.Line($"{CountText.Of(path.Messages, "message")}, {Amount.Time(path.From)} to {Amount.Time(path.Until)}: p50 {Time(path.P50Ms)}, p99 {Time(path.P99Ms)}");
        if (!path.Sampled)
        {
            text.Line("Only failed and slow messages left traces: these times are too long.");
        }

        text.Table(
            ["whose time", "kind", "#of p50", "#of p99"],
            [.. path.Shares.Select(s => (IReadOnlyList<string>)[SafeText.Line(s.Owner, 80), s.Kind, Share(s.P50Share), Share(s.P99Share)])],
            "No time was spent.");
        foreach (var answer in path.WhatIf)
        {
            text.Line("");
            text.Line(string.Create(CultureInfo.InvariantCulture, $"If {SafeText.Line(answer.Owner, 80)} took {answer.Factor} of its time:"));
            text.Table(
                ["", "#now", "#then, waits as they were", "#then, waits recomputed"],
                [.. answer.Quantiles.Select(row => (IReadOnlyList<string>)[
                    string.Create(CultureInfo.InvariantCulture, $"p{row.Quantile * 100:0}"),
                    Time(row.BeforeMs),
                    $"{Time(row.AfterMs)} ± {Time(row.PlusMinusMs)}",
                    row is { RecomputedMs: { } then, RecomputedPlusMinusMs: { } more } ? $"{Time(then)} ± {Time(more)}" : "-",
                ])],
                "Nothing.");
            text.Line(answer.NotRecomputed is { } reason
                ? $"Waits are not recomputed: {SafeText.Line(reason, 400)}."
                : Recomputed(path, answer));
        }
    }

    /// <summary>What the answer rests on, and what these messages took if they are not all.</summary>
    private static string Recomputed(PathView path, WhatIfView answer)
    {
        var all = answer.RecomputedMessages == path.Messages;
        var now = all ? "" : $" (of these now {string.Join(", ", answer.Quantiles.Select(q => string.Create(CultureInfo.InvariantCulture, $"p{q.Quantile * 100:0} {Time(q.RecomputedBeforeMs ?? 0)}")))})";
        return $"Waits as they were: {Count(path.Messages)} messages; recomputed, in topics and for room at models: {(all ? "the same" : Count(answer.RecomputedMessages))}{now}.";
    }

    private static string Count(int messages) => messages.ToString("N0", CultureInfo.InvariantCulture);

    private static string Share(double share) => (share * 100).ToString("0.0", CultureInfo.InvariantCulture) + " %";

    private static string Time(double ms) => MapGraphs.Time(ms) ?? "-";
}
