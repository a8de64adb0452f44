using System.CommandLine;
using Trunkline.Cli.Terminal;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline logs [--follow] [--trace …] [--message …] [--key …] [--flow …] [--owner …] [--service …] [--text …] [--level …] [--since …]</c></summary>
internal static class LogsCommand
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private static readonly Option<bool> Follow = new("--follow") { Description = "Go on with what is logged from now on, until Ctrl-C." };
    private static readonly QuestionOptions<LogQuestion> Question = new QuestionOptions<LogQuestion>(new LogQuestion())
        .Text("--trace", "Only of this trace, 32 hex digits.", "id", (question, text) => question with { Trace = text })
        .Text("--message", "Only of the message with this id.", "id", (question, text) => question with { Message = text })
        .Text("--key", "Only of messages with this key.", "key", (question, text) => question with { Key = text })
        .Text("--flow", "Only of this flow.", "name", (question, text) => question with { Flow = text })
        .Text("--owner", "Only of flows and services of this owner.", "name", (question, text) => question with { Owner = text })
        .Text("--service", "Only of this service; trunkline for the node itself.", "name", (question, text) => question with { Service = text })
        .Text("--text", "Only what has this in it.", "text", (question, text) => question with { Text = text })
        .Text("--level", $"This bad or worse: {string.Join(", ", LogQuestion.Levels)}.", "level", (question, text) => question with { Level = text })
        .Text("--since", "How far back, up to 7d, such as 1h.", "age", (question, text) => question with { Since = text });
    private static readonly Option<int> Limit = LimitOption.Create(100);

    public static Command Create()
    {
        var command = new Command("logs", "Show what the node and services around it logged in the last seven days, oldest of the found first.")
        {
            Follow,
        };
        Question.AddTo(command);
        command.Add(Limit);
        command.Add(SharedOptions.Node);
        command.Add(SharedOptions.Json);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        using var client = SharedOptions.Client(parsed);
        var question = Question.Of(parsed);
        var list = await Patience.WaitAsync(output, $"waiting for {client.Address}", client.Logs.FindAsync(question, parsed.GetValue(Limit), null, cancellationToken));
        if (!parsed.GetValue(Follow))
        {
            output.Result(list, ApiJson.Default.LogList, text => Show(list.Lines.Reverse(), text));
            return ExitCode.Done;
        }

        for (var lines = list.Lines.Reverse(); ;)
        {
            foreach (var line in lines)
            {
                output.Result(line, ApiJson.Default.LogLineView, text => text.Line(Line(line)));
            }

            await Task.Delay(Pause, TimeProvider.System, cancellationToken);
            list = await client.Logs.FollowAsync(question, list.After, cancellationToken);
            lines = list.Lines;
        }
    }

    private static void Show(IEnumerable<LogLineView> lines, Output text)
    {
        var none = true;
        foreach (var line in lines)
        {
            text.Line(Line(line));
            none = false;
        }

        if (none)
        {
            text.Line("Nothing in the log fits.");
        }
    }

    private static string Line(LogLineView line) =>
        $"{Amount.Time(line.At)} {line.Level,-11} {line.Service ?? line.Category}: {line.Text}{(line.Trace is null ? "" : $" (trace {line.Trace})")}";
}
