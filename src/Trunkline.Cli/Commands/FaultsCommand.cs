using System.CommandLine;
using System.Globalization;
using Trunkline.Cli.Terminal;
using Trunkline.Client.Api;
using Trunkline.Core.Config;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline faults</c>: list, add, stop.</summary>
internal static class FaultsCommand
{
    private static readonly Option<string> Flow = new("--flow") { Description = "The flow.", HelpName = "name", Required = true };
    private static readonly Option<string?> Step = new("--step") { Description = "A step, sink or model of it; 'broker' for its commits. Default: all that it asks outside.", HelpName = "name" };
    private static readonly Option<string> Kind = new("--kind") { Description = "timeout, error, 429, refused, garbage, slow or crash (which kills the node).", HelpName = "kind", Required = true };
    private static readonly Option<string> Share = new("--share") { Description = "The share of keys that are hit, always the same ones. Default 100%.", HelpName = "share", DefaultValueFactory = _ => "100%" };
    private static readonly Option<string> For = new("--for") { Description = "How long, such as 5m; at most 1d.", HelpName = "duration", Required = true };
    private static readonly Option<string?> Delay = new("--delay") { Description = "For slow: how much later answers come. Default 1s.", HelpName = "duration" };
    private static readonly Option<string?> RetryAfter = new("--retry-after") { Description = "For 429: what the answer asks to wait.", HelpName = "duration" };
    private static readonly Argument<string[]> Ids = new("id") { Description = "The faults to end.", Arity = ArgumentArity.ZeroOrMore };
    private static readonly Option<bool> All = new("--all") { Description = "End all." };

    public static Command Create()
    {
        var add = new Command("add", "Let calls or commits of a flow fail on purpose, for a share of keys, until an end. It is written to the log of changes.")
        {
            Flow, Step, Kind, Share, For, Delay, RetryAfter, SharedOptions.Node, SharedOptions.Json,
        };
        add.SetAction(AddAsync);
        var stop = new Command("stop", "End injected faults.") { Ids, All, SharedOptions.Node, SharedOptions.Json };
        stop.Validators.Add(result =>
        {
            if (result.GetValue(All) == (result.GetValue(Ids) ?? []).Length > 0)
            {
                result.AddError("Name the faults to end, or say --all.");
            }
        });
        stop.SetAction(StopAsync);
        var command = new Command("faults", "List the faults injected into the running flows; add and stop them.") { add, stop, SharedOptions.Node, SharedOptions.Json };
        command.SetAction(ListAsync);
        return command;
    }

    private static async Task<int> ListAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        using var client = SharedOptions.Client(parsed);
        Show(output, await client.ListFaultsAsync(cancellationToken));
        return ExitCode.Done;
    }

    private static async Task<int> AddAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        using var client = SharedOptions.Client(parsed);
        var fault = await client.AddFaultAsync(
            new AddFaultRequest
            {
                Flow = parsed.GetRequiredValue(Flow),
                Step = parsed.GetValue(Step),
                Kind = parsed.GetRequiredValue(Kind),
                Share = ShareOf(parsed.GetRequiredValue(Share)),
                Seconds = (int)Math.Ceiling(Duration("--for", parsed.GetRequiredValue(For)).TotalSeconds),
                DelayMs = parsed.GetValue(Delay) is { } delay ? (int)Duration("--delay", delay).TotalMilliseconds : 1000,
                RetryAfterSeconds = parsed.GetValue(RetryAfter) is { } after ? (int)Math.Ceiling(Duration("--retry-after", after).TotalSeconds) : null,
            },
            cancellationToken);
        output.Result(fault, ApiJson.Default.FaultInjectionView, text => text.Line(
            $"{fault.Id} is at work until {Amount.Time(fault.Until)}; end it with: trunkline faults stop {fault.Id}"));
        return ExitCode.Done;
    }

    private static async Task<int> StopAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        using var client = SharedOptions.Client(parsed);
        var ids = parsed.GetValue(All) ? (await client.ListFaultsAsync(cancellationToken)).Faults.Select(fault => fault.Id) : parsed.GetValue(Ids) ?? [];
        var stopped = new List<FaultInjectionView>();
        foreach (var id in ids)
        {
            stopped.Add(await client.StopFaultAsync(id, cancellationToken));
        }

        output.Result(new FaultInjectionList(stopped), ApiJson.Default.FaultInjectionList, text =>
        {
            foreach (var fault in stopped)
            {
                text.Line($"{fault.Id} has ended after {Amount.Count(fault.Hits)} hits");
            }
        });
        return ExitCode.Done;
    }

    private static void Show(Output output, FaultInjectionList list) => output.Result(list, ApiJson.Default.FaultInjectionList, text => text.Table(
        ["fault", "flow", "step", "kind", "#share", "until", "#hits", "by"],
        [.. list.Faults.Select(fault => (IReadOnlyList<string>)
        [
            fault.Id, fault.Flow, fault.Step ?? "all", fault.Kind, fault.Share.ToString("0.####%", CultureInfo.InvariantCulture), Amount.Time(fault.Until), Amount.Count(fault.Hits), fault.By,
        ])],
        "No faults are injected."));

    private static double ShareOf(string text) =>
        text.EndsWith('%') && double.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent) && percent is > 0 and <= 100
            ? percent / 100
            : throw CliException.Usage($"--share '{text}' is no share.", "Give one above 0% and at most 100%, such as 10%.");

    private static TimeSpan Duration(string option, string text) => DurationText.TryParse(text, out var duration) && duration > TimeSpan.Zero && duration <= TimeSpan.FromDays(1)
        ? duration
        : throw CliException.Usage($"{option} '{text}' is no duration up to 1d.", "Give one such as 30s, 5m or 1h.");
}
