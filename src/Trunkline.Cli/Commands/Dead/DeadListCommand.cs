using System.CommandLine;
using System.Globalization;
using Trunkline.Cli.Terminal;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Commands.Dead;

/// <summary><c>trunkline dead list [FLOW]</c>, and <c>trunkline dead [FLOW]</c>.</summary>
internal static class DeadListCommand
{
    private const int DetailCharactersMax = 120;

    /// <summary>Makes a command list dead letters.</summary>
    public static Command SetUp(Command command)
    {
        var flow = new Argument<string?>("flow") { Description = "Only this flow's.", Arity = ArgumentArity.ZeroOrOne };
        var state = new Option<string>("--state") { Description = "open, done or all.", HelpName = "state", DefaultValueFactory = _ => "open" };
        state.AcceptOnlyFromAmong("open", "done", "all");
        var groups = new Option<bool>("--groups") { Description = "Group them by cause." };
        var limit = LimitOption.Create(100);
        command.Add(flow);
        var selection = Selection.Options().AddTo(command);
        command.Add(state);
        command.Add(groups);
        command.Add(limit);
        command.Add(SharedOptions.Node);
        command.Add(SharedOptions.Json);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var output = SharedOptions.Output(parsed);
            using var client = SharedOptions.Client(parsed);
            var waiting = $"waiting for {client.Address}";
            if (parsed.GetValue(groups))
            {
                var grouped = await Patience.WaitAsync(
                    output, waiting, client.DeadLetters.GroupAsync(parsed.GetValue(flow), selection.Of(parsed), cancellationToken));
                output.Result(grouped, ApiJson.Default.DeadLetterGroupList, text => WriteGroups(text, grouped));
                return ExitCode.Done;
            }

            var page = await Patience.WaitAsync(
                output,
                waiting,
                client.DeadLetters.ListAsync(parsed.GetValue(flow), selection.Of(parsed), parsed.GetValue(state)!, parsed.GetValue(limit), cancellationToken));
            output.Result(page, ApiJson.Default.DeadLetterPage, text => Write(text, page));
            return ExitCode.Done;
        });
        return command;
    }

    private static void Write(Output text, DeadLetterPage page)
    {
        text.Table(
            ["flow", "failed", "#letter", "cause", "step", "#attempts", "original", "done", "detail"],
            [.. page.DeadLetters.Select(letter => (IReadOnlyList<string>)
            [
                letter.Flow, Amount.Time(letter.FailedAt ?? letter.Event.AppendedAt),
                string.Create(CultureInfo.InvariantCulture, $"{letter.Event.Partition}/{letter.Event.Offset}"), letter.Cause, letter.Step ?? "",
                Amount.Count(letter.Attempts), letter.Position ?? "", letter.Deed ?? "", SafeText.Line(letter.Detail, DetailCharactersMax),
            ])],
            "No dead letters.");
        if (page.Next is not null)
        {
            text.Line($"{Amount.Count(page.DeadLetters.Count)} shown of {Amount.Count(page.Total)} open; --limit shows more, --groups sums up.");
        }
    }

    private static void WriteGroups(Output text, DeadLetterGroupList list) => text.Table(
        ["flow", "#count", "cause", "step", "exception", "first", "last", "example", "detail"],
        [.. list.Groups.Select(group => (IReadOnlyList<string>)
        [
            group.Flow, Amount.Count(group.Count), group.Cause, group.Step ?? "", group.Exception ?? "", Amount.Time(group.First), Amount.Time(group.Last),
            group.Example, SafeText.Line(group.Detail, DetailCharactersMax),
        ])],
        "No dead letters.");
}
