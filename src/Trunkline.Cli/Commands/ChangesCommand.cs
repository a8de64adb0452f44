using System.CommandLine;
using Trunkline.Cli.Terminal;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline changes</c></summary>
internal static class ChangesCommand
{
    private static readonly Option<int> Limit = LimitOption.Create(50);

    public static Command Create()
    {
        var command = new Command("changes", "Show who changed what, newest first.") { Limit, SharedOptions.Node, SharedOptions.Json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var output = SharedOptions.Output(parsed);
            using var client = SharedOptions.Client(parsed);
            var list = await Patience.WaitAsync(output, $"waiting for {client.Address}", client.ListChangesAsync(parsed.GetValue(Limit), cancellationToken));
            output.Result(list, ApiJson.Default.ChangeList, text => text.Table(
                ["at", "who", "what", "target", "from", "to", "detail"],
                [.. list.Changes.Select(change => (IReadOnlyList<string>)
                    [Amount.Time(change.At), change.Who, change.What, change.Target, change.From ?? "", change.To ?? "", change.Detail ?? ""])],
                "No changes yet: the first 'trunkline apply' or 'trunkline run' writes one."));
            return ExitCode.Done;
        });
        return command;
    }
}
