using System.CommandLine;
using Trunkline.Cli.Terminal;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline flows [NAME]</c></summary>
internal static class FlowsCommand
{
    private static readonly Argument<string?> Name = new("name") { Description = "Show this flow with its steps and sinks.", Arity = ArgumentArity.ZeroOrOne };

    public static Command Create()
    {
        var command = new Command("flows", "List flows and how they do, or show one.") { Name, DrainCommand.Create(), SharedOptions.Node, SharedOptions.Json };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        using var client = SharedOptions.Client(parsed);
        if (parsed.GetValue(Name) is { } name)
        {
            var flow = await Patience.WaitAsync(output, $"waiting for {client.Address}", client.GetFlowAsync(name, cancellationToken));
            output.Result(flow, ApiJson.Default.FlowView, text => Describe(text, flow));
            return ExitCode.Done;
        }

        var list = await Patience.WaitAsync(output, $"waiting for {client.Address}", client.ListFlowsAsync(cancellationToken));
        output.Result(list, ApiJson.Default.FlowList, text => text.Table(
            ["flow", "state", "from", "#lag", "#received", "#delivered", "#filtered", "#dead", "#retries", "owner", "trouble"],
            [.. list.Flows.Select(flow => (IReadOnlyList<string>)
            [
                flow.Name, flow.State, flow.From, flow.Lag is { } lag ? Amount.Count(lag) : "-", Amount.Count(flow.Received), Amount.Count(flow.Delivered),
                Amount.Count(flow.Filtered), Amount.Count(flow.DeadLettered), Amount.Count(flow.Retries), flow.Owner ?? "", flow.Trouble?.Code ?? (flow.Faults.Count > 0 ? $"faults injected: {flow.Faults.Count}" : ""),
            ])],
            "No flows yet. Write one under 'flows:' in trunkline.yaml, then: trunkline apply"));
        return ExitCode.Done;
    }

    private static void Describe(Output text, FlowView flow)
    {
        text.Line($"{flow.Name}: {flow.State}, revision {flow.Revision}, from {flow.From}, lag {(flow.Lag is { } lag ? Amount.Count(lag) : "-")}");
        text.Line($"steps: {(flow.Steps.Count > 0 ? string.Join(" > ", flow.Steps) : "none")}");
        text.Line($"since the start: {Amount.Count(flow.Received)} received, {Amount.Count(flow.Delivered)} delivered, {Amount.Count(flow.Filtered)} filtered, "
            + $"{Amount.Count(flow.DeadLettered)} dead-lettered, {Amount.Count(flow.Retries)} retries, {Amount.Count(flow.InFlight)} in flight");
        if (flow.Timers > 0)
        {
            text.Line($"timers running: {Amount.Count(flow.Timers)}");
        }

        if (flow.Trouble is { } trouble)
        {
            text.Line($"trouble: {trouble.Detail} [{trouble.Code}] at {Amount.Time(trouble.At)}");
        }

        foreach (var fault in flow.Faults)
        {
            text.Line($"injected: {fault.Id}, {fault.Kind} at {fault.Step ?? "all"} until {Amount.Time(fault.Until)}, {Amount.Count(fault.Hits)} hits");
        }

        text.Verbatim(Environment.NewLine);
        text.Table(
            ["sink", "kind", "target", "#pending", "#delivered", "breaker", "trouble"],
            [.. flow.Sinks.Select(sink => (IReadOnlyList<string>)
            [
                sink.Name, sink.Kind, sink.Target, Amount.Count(sink.Pending), Amount.Count(sink.Delivered), sink.Breaker?.State ?? "-", sink.Trouble?.Detail ?? "",
            ])],
            "No sinks.");
    }
}
