using System.CommandLine;
using Trunkline.Cli.Terminal;
using Trunkline.Client;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline tail TOPIC</c></summary>
internal static class TailCommand
{
    private static readonly Option<bool> Beginning = new("--from-beginning") { Description = "Begin at the oldest message in place of the end." };

    private static readonly Option<int?> Count = new("--count", "-c") { Description = "Stop after this many messages.", HelpName = "count" };

    public static Command Create()
    {
        var command = new Command("tail", "Follow a topic until interrupted; with --json one message a line.")
        {
            ReadOptions.Topic, Beginning, ReadOptions.Partition, ReadOptions.Offset, ReadOptions.Time, Count, ReadOptions.Full, SharedOptions.Node, SharedOptions.Json,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        var from = ReadOptions.From(parsed, parsed.GetValue(Beginning) ? ReadFrom.Earliest : ReadFrom.Latest);
        var rest = parsed.GetValue(Count) ?? int.MaxValue;
        if (rest <= 0)
        {
            throw CliException.Usage("--count is 1 or more.", "Leave it out to follow until interrupted.");
        }

        using var client = SharedOptions.Client(parsed);
        var topic = parsed.GetRequiredValue(ReadOptions.Topic);
        var isTold = false;
        await foreach (var message in client.FollowAsync(topic, from, cancellationToken))
        {
            if (!isTold)
            {
                EndingNote.Tell(output, client, topic);
                isTold = true;
            }

            output.Result(message, ApiJson.Default.EventView, text => text.Line(EventText.Line(message, parsed.GetValue(ReadOptions.Full))));
            if (--rest == 0)
            {
                break;
            }
        }

        return ExitCode.Done;
    }
}
