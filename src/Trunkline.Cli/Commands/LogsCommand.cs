using System.CommandLine;
using Trunkline.Cli.Terminal;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline logs [--follow] [--trace …] [--message …] [--key …] [--flow …] [--owner …] [--service …] [--text …] [--level …] [--since …]</c></summary>
internal static class LogsCommand
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private static readonly Option<bool> Follow = new("--follow") { Description = "Go on with what is logged from now on, until Ctrl-C." };
    private static readonly Option<string?> Trace = Text("--trace", "Only of this trace, 32 hex digits.", "id");
    private static readonly Option<string?> Message = Text("--message", "Only of the message with this id.", "id");
    private static readonly Option<string?> Key = Text("--key", "Only of messages with this key.", "key");
    private static readonly Option<string?> Flow = Text("--flow", "Only of this flow.", "name");
    private static readonly Option<string?> Owner = Text("--owner", "Only of flows and services of this owner.", "name");
    private static readonly Option<string?> Service = Text("--service", "Only of this service; trunkline for the node itself.", "name");
    private static readonly Option<string?> Find = Text("--text", "Only what has this in it.", "text");
    private static readonly Option<string?> Level = Text("--level", $"This bad or worse: {string.Join(", ", LogQuestion.Levels)}.", "level");
    private static readonly Option<string?> Since = Text("--since", "How far back, up to 7d, such as 1h.", "age");
    private static readonly Option<int> Limit = LimitOption.Create(100);

    public static Command Create()
    {
        var command = new Command("logs", "Show what the node and services around it logged in the last seven days, oldest of the found first.")
        {
            Follow, Trace, Message, Key, Flow, Owner, Service, Find, Level, Since, Limit, SharedOptions.Node, SharedOptions.Json,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        using var client = SharedOptions.Client(parsed);
        var question = new LogQuestion
        {
            Trace = parsed.GetValue(Trace),
            Message = parsed.GetValue(Message),
            Key = parsed.GetValue(Key),
            Flow = parsed.GetValue(Flow),
            Owner = parsed.GetValue(Owner),
            Service = parsed.GetValue(Service),
            Text = parsed.GetValue(Find),
            Level = parsed.GetValue(Level),
            Since = parsed.GetValue(Since),
        };
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

    private static Option<string?> Text(string name, string description, string shown) => new(name) { Description = description, HelpName = shown };
}
