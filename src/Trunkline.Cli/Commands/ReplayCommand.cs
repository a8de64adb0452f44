using System.CommandLine;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline replay</c>: recorded messages run again, to compare (<c>--diff</c>) or to act (<c>--into</c>).</summary>
internal static class ReplayCommand
{
    private static readonly Option<string?> Flow = new("--flow") { Description = "The flow. With --diff by default every flow of the node that reads a topic.", HelpName = "name" };

    public static Command Create()
    {
        var command = new Command(
            "replay",
            "Run recorded messages again. With --diff a candidate runs over them and is compared; nothing is written. With --into they run through a flow in the background, "
            + "marked, and kept from sinks outside unless --send is given.")
        {
            Flow, SharedOptions.Node, SharedOptions.Json,
        };
        ReplayDiff.AddTo(command);
        ReplayStart.AddTo(command);
        EffectOptions.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetResult("--diff") is null == result.GetResult("--into") is null)
            {
                result.AddError("Say either --diff PATH|REVISION, or --into flow|revision N|file OUT.");
            }
        });
        command.SetAction((parsed, cancellationToken) => ReplayDiff.IsAsked(parsed)
            ? ReplayDiff.RunAsync(parsed, parsed.GetValue(Flow), cancellationToken)
            : ReplayStart.RunAsync(parsed, parsed.GetValue(Flow), cancellationToken));
        ReplayJobCommands.AddTo(command);
        return command;
    }
}
