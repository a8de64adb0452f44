using System.CommandLine;
using Trunkline.Cli.Terminal;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Commands.Dead;

/// <summary><c>trunkline dead redrives [--cancel ID]</c></summary>
internal static class DeadRedrivesCommand
{
    public static Command Create()
    {
        var cancel = new Option<string?>("--cancel") { Description = "End this one; what is at work finishes.", HelpName = "id" };
        var command = new Command("redrives", "List redrives with their progress.") { cancel, SharedOptions.Node, SharedOptions.Json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var output = SharedOptions.Output(parsed);
            using var client = SharedOptions.Client(parsed);
            if (parsed.GetValue(cancel) is { } id)
            {
                var ended = await client.DeadLetters.CancelRedriveAsync(id, cancellationToken);
                output.Result(ended, ApiJson.Default.RedriveView, text => DeadRedriveCommand.Write(text, ended));
                return ExitCode.Done;
            }

            var list = await Patience.WaitAsync(output, $"waiting for {client.Address}", client.DeadLetters.ListRedrivesAsync(cancellationToken));
            output.Result(list, ApiJson.Default.RedriveList, text => text.Table(
                ["id", "flow", "state", "begun", "who", "#redriven", "#again", "#waiting", "#before", "reason"],
                [.. list.Redrives.Select(r => (IReadOnlyList<string>)
                [
                    r.Id, r.Flow, r.State, Amount.Time(r.At), r.Who, Amount.Count(r.Redriven), Amount.Count(r.FailedAgain), Amount.Count(r.Waiting),
                    Amount.Count(r.Skipped), r.Reason ?? "",
                ])],
                "No redrives."));
            return ExitCode.Done;
        });
        return command;
    }
}
