using System.CommandLine;
using Trunkline.Cli.Terminal;
using Trunkline.Client;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline replay list | show | pause | resume | cancel</c></summary>
internal static class ReplayJobCommands
{
    /// <summary>Adds the commands.</summary>
    public static void AddTo(Command command)
    {
        var list = new Command("list", "List replays, newest first.") { SharedOptions.Node, SharedOptions.Json };
        list.SetAction(ListAsync);
        command.Add(list);
        command.Add(One("show", "Show a replay and how far it is.", (client, id, cancel) => client.GetReplayAsync(id, cancel)));
        command.Add(One("pause", "Let a replay stop after what it is at.", (client, id, cancel) => client.PauseReplayAsync(id, cancel)));
        command.Add(One("resume", "Let a paused replay go on where it stopped.", (client, id, cancel) => client.ResumeReplayAsync(id, cancel)));
        command.Add(One("cancel", "End a replay for good; what it has stored stays.", (client, id, cancel) => client.CancelReplayAsync(id, cancel)));
    }

    /// <summary>A replay in a few lines.</summary>
    public static void Write(Output text, ReplayView view)
    {
        text.Line($"{view.Id}: {view.State}, {Amount.Count(view.Read)} of {Amount.Count(view.Total)} messages of {view.Topic} through {view.Flow} of revision {view.Revision}");
        var more = (view.OtherKey > 0 ? $", {Amount.Count(view.OtherKey)} of other keys" : "")
            + (view.NotSent > 0 ? $", {Amount.Count(view.NotSent)} outputs for sinks outside not sent" : "") + (view.Restarts > 0 ? $", {view.Restarts} restarts" : "");
        text.Line($"  {Amount.Count(view.Stored)} outputs stored{(view.AsideIn is null ? "" : $" in {view.AsideIn}")}, {Amount.Count(view.Duplicates)} were there already, "
            + $"{Amount.Count(view.Filtered)} messages filtered, {Amount.Count(view.Failed)} failed{more}");
        foreach (var failure in view.Failures)
        {
            text.Line($"  {Amount.Count(failure.Count),7}  {failure.Code} in {failure.Step}, first at {failure.Example}");
        }

        if (view.Reason is not null)
        {
            text.Line($"  {view.Reason}");
        }
    }

    private static Command One(string name, string description, Func<TrunklineClient, string, CancellationToken, Task<ReplayView>> call)
    {
        var id = new Argument<string>("id") { Description = "The replay." };
        var command = new Command(name, description) { id, SharedOptions.Node, SharedOptions.Json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var output = SharedOptions.Output(parsed);
            using var client = SharedOptions.Client(parsed);
            var view = await call(client, parsed.GetRequiredValue(id), cancellationToken);
            output.Result(view, ApiJson.Default.ReplayView, text => Write(text, view));
            return ExitCode.Done;
        });
        return command;
    }

    private static async Task<int> ListAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        using var client = SharedOptions.Client(parsed);
        var list = await client.ListReplaysAsync(cancellationToken);
        output.Result(list, ApiJson.Default.ReplayList, text => text.Table(
            ["replay", "flow", "topic", "#revision", "state", "#read", "#total", "#stored", "#duplicates", "#failed", "started", "by"],
            [.. list.Replays.Select(view => (IReadOnlyList<string>)
            [
                view.Id, view.Flow, view.Topic, Amount.Count(view.Revision), view.State, Amount.Count(view.Read), Amount.Count(view.Total), Amount.Count(view.Stored),
                Amount.Count(view.Duplicates), Amount.Count(view.Failed), Amount.Time(view.StartedAt), view.By,
            ])],
            "No replays. Start one: trunkline replay --flow NAME --into flow"));
        return ExitCode.Done;
    }
}
