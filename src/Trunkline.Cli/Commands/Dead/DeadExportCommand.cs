using System.CommandLine;

namespace Trunkline.Cli.Commands.Dead;

/// <summary><c>trunkline dead export FLOW</c></summary>
internal static class DeadExportCommand
{
    public static Command Create()
    {
        var flow = LetterArgument.Flow();
        var state = new Option<string>("--state") { Description = "open, done or all.", HelpName = "state", DefaultValueFactory = _ => "open" };
        state.AcceptOnlyFromAmong("open", "done", "all");
        var command = new Command("export", "Write dead letters with their payloads to stdout, one JSON document a line.") { flow, state };
        var selection = Selection.Options().AddTo(command);
        command.Add(SharedOptions.Node);
        command.Add(SharedOptions.Json);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = SharedOptions.Client(parsed, Timeout.InfiniteTimeSpan);
            await using var output = Console.OpenStandardOutput();
            await client.DeadLetters.ExportAsync(parsed.GetRequiredValue(flow), selection.Of(parsed), parsed.GetValue(state)!, output, cancellationToken);
            return ExitCode.Done;
        });
        return command;
    }
}
