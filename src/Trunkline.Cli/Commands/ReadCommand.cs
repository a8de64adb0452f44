using System.CommandLine;
using Trunkline.Cli.Terminal;
using Trunkline.Client;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline read TOPIC</c></summary>
internal static class ReadCommand
{
    private const int PageMessagesMax = 1000;

    private static readonly Option<int> Limit = LimitOption.Create(100, 1_000_000);

    public static Command Create()
    {
        var command = new Command("read", "Show messages of a topic, oldest first.")
        {
            ReadOptions.Topic, ReadOptions.Partition, ReadOptions.Offset, ReadOptions.Time, Limit, ReadOptions.Full, SharedOptions.Node, SharedOptions.Json,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        var from = ReadOptions.From(parsed, ReadFrom.Earliest);
        using var client = SharedOptions.Client(parsed);
        var topic = parsed.GetRequiredValue(ReadOptions.Topic);
        var limit = parsed.GetValue(Limit);
        var full = parsed.GetValue(ReadOptions.Full);
        var messages = new List<EventView>();
        MessagesPage? page = null;
        do
        {
            var wanted = Math.Min(limit - messages.Count, PageMessagesMax);
            var call = page is null ? client.ReadAsync(topic, from, wanted, cancellationToken) : client.ReadNextAsync(page, cancellationToken);
            page = await Patience.WaitAsync(output, $"reading {topic}, {messages.Count} messages so far", call);
            messages.AddRange(page.Messages.Take(limit - messages.Count));
        }
        while (messages.Count < limit && !page.End);
        EndingNote.Tell(output, client, topic);

        output.Result(page with { Messages = messages }, ApiJson.Default.MessagesPage, text =>
        {
            foreach (var message in messages)
            {
                text.Line(EventText.Line(message, full));
            }

            if (messages.Count == 0)
            {
                output.Note($"no messages. Send one: trunkline publish {topic} '{{\"text\":\"hello\"}}'");
            }
            else if (!page.End || messages.Count == limit)
            {
                output.Note($"stopped after {messages.Count} messages; --limit shows more");
            }
        });
        return ExitCode.Done;
    }
}
