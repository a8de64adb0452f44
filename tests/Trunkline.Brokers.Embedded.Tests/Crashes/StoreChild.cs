using System.Text;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Topics;

namespace Trunkline.Brokers.Embedded.Tests.Crashes;

/// <summary>
/// The child process, with as little memory as can be, so that files of the log are soon written again: appends without end and writes what was acknowledged to a journal, one line each, before it asks for more.
/// Ends with the first error, which it writes there too, followed by what the next append is answered.
/// </summary>
internal static class StoreChild
{
    public const string Verb = "store-child";
    public const int Partitions = 3;
    private const int Appenders = 8;

    public static async Task<int> RunAsync(string folder, string journalPath)
    {
        using var journal = new FileStream(journalPath, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        try
        {
            await using var broker = await EmbeddedBroker.OpenAsync(new EmbeddedBrokerOptions { Directory = folder, FreeBytesMin = 0, MemoryBytes = 1 }, CancellationToken.None);
            await broker.CreateTopicAsync(new TopicSettings { Name = "t", Partitions = Partitions }, CancellationToken.None);
            var run = Guid.NewGuid().ToString("N")[..8];
            try
            {
                await Task.WhenAll(Enumerable.Range(0, Appenders).Select(a => AppendAsync(broker, $"{run}-{a}", journal)));
            }
            catch (BrokerException first)
            {
                Write(journal, $"error {first.Code}");
                Write(journal, $"then {await NextAsync(broker)}");
            }
        }
        catch (BrokerException error)
        {
            Write(journal, $"end {error.Code}");
        }

        return 0;
    }

    private static async Task AppendAsync(EmbeddedBroker broker, string name, FileStream journal)
    {
        for (var i = 0; ; i++)
        {
            // One to three messages as one unit; some so large that the log moves to new files.
            var payload = $"{name}-{i}:{new string('x', i % 50 == 0 ? 30_000 : i % 700)}";
            var messages = Enumerable.Range(0, 1 + (i % 3)).Select(m => new Message { Key = MessageKey.FromText($"{name}{m}"), Payload = Encoding.UTF8.GetBytes($"{payload}#{m}") }).ToList();
            var appended = await broker.AppendAsync(new TopicAppend { Topic = "t", Messages = messages, Dedupe = DedupeMode.ById }, CancellationToken.None);
            var lines = appended.Select((a, m) => $"ack {a.Position.Partition} {a.Position.Offset} {name}-{i}#{m}");
            Write(journal, string.Join('\n', lines));
        }
    }

    private static async Task<string> NextAsync(EmbeddedBroker broker)
    {
        try
        {
            await broker.AppendAsync(new TopicAppend { Topic = "t", Messages = [new Message()] }, CancellationToken.None);
            return "acknowledged";
        }
        catch (BrokerException error)
        {
            return error.Code.ToString();
        }
    }

    /// <summary>One write call, so that a killed process leaves whole lines but the last.</summary>
    private static void Write(FileStream journal, string lines)
    {
        lock (journal)
        {
            journal.Write(Encoding.UTF8.GetBytes(lines + "\n"));
            journal.Flush();
        }
    }
}
