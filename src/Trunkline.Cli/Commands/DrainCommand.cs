using System.CommandLine;
using Trunkline.Cli.Terminal;
using Trunkline.Client.Api;
using Trunkline.Core.Config;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline flows drain FLOW</c></summary>
internal static class DrainCommand
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromMinutes(10);
    private static readonly Argument<string> Flow = new("flow") { Description = "The flow." };

    private static readonly Option<string> Wait = new("--wait")
    {
        Description = "How long to wait at most, up to 10m.",
        DefaultValueFactory = _ => "30s",
        HelpName = "duration",
    };

    public static Command Create()
    {
        var command = new Command("drain", "Pause a flow and wait until what it has in hand is through and its sinks have everything.")
        {
            Flow, Wait, SharedOptions.Node, SharedOptions.Json,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        if (!DurationText.TryParse(parsed.GetValue(Wait)!, out var wait) || wait > WaitMax)
        {
            throw CliException.Usage($"'{parsed.GetValue(Wait)}' is not a duration up to 10m.", "Write it as 30s or 2m.");
        }

        var output = SharedOptions.Output(parsed);
        using var client = SharedOptions.Client(parsed, wait + TimeSpan.FromSeconds(100));
        var flow = parsed.GetValue(Flow)!;
        var result = await Patience.WaitAsync(output, $"draining {flow}", client.DrainFlowAsync(flow, wait, cancellationToken));
        output.Result(result, ApiJson.Default.DrainResult, text => text.Line(result.Drained
            ? $"{flow} is drained and paused: nothing in hand, every sink has everything. 'trunkline flows {flow}' shows it."
            : $"{flow} is paused, not drained: {Amount.Count(result.InFlight)} in hand, of them {Amount.Count(result.HeldBack)} waiting for a retry, "
                + $"{Amount.Count(result.Pending)} for sinks to deliver. Nothing is lost: what is not through stays where it is."));
        return result.Drained ? ExitCode.Done : ExitCode.Found;
    }
}
