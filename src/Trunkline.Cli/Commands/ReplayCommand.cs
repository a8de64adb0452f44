using System.CommandLine;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline replay</c>: recorded messages run again.</summary>
internal static class ReplayCommand
{
    private static readonly Option<string?> Flow = new("--flow") { Description = "Only this flow. Default: every flow of the node that reads a topic.", HelpName = "name" };

    public static Command Create()
    {
        var command = new Command("replay", "Run a candidate over the messages a node has recorded, with the effects answered from the recording. Nothing is written, nobody is called.")
        {
            Flow, SharedOptions.Node, SharedOptions.Json,
        };
        ReplayDiff.AddTo(command);
        EffectOptions.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetResult("--diff") is null)
            {
                result.AddError("Say what with: --diff PATH or --diff REVISION.");
            }
        });
        command.SetAction((parsed, cancellationToken) => ReplayDiff.RunAsync(parsed, parsed.GetValue(Flow), cancellationToken));
        return command;
    }
}
