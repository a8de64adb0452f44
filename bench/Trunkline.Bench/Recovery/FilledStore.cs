using Trunkline.Brokers.Embedded;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Topics;

namespace Trunkline.Bench.Recovery;

/// <summary>The child process that fills a store and goes on appending until it is killed.</summary>
internal static class FilledStore
{
    public const string Argument = "filled-store";
    public const string Full = "full";
    public const int Partitions = 4;
    public const int PayloadBytes = 100;
    private const int PerAppend = 1000;
    private const int InFlight = 8;

    public static async Task<int> RunAsync(string folder, long count)
    {
        await using var broker = await EmbeddedBroker.OpenAsync(new EmbeddedBrokerOptions { Directory = folder }, CancellationToken.None);
        await broker.CreateTopicAsync(new TopicSettings { Name = "filled", Partitions = Partitions, Durability = Durability.None }, CancellationToken.None);
        var messages = Enumerable.Range(0, PerAppend).Select(_ => new Message { Payload = new byte[PayloadBytes] }).ToList();
        var pending = new Queue<Task>();
        for (long appended = 0; ; appended += PerAppend)
        {
            pending.Enqueue(broker.AppendAsync(new TopicAppend { Topic = "filled", Partition = (int)(appended / PerAppend % Partitions), Messages = messages }, CancellationToken.None).AsTask());
            if (pending.Count > InFlight)
            {
                await pending.Dequeue();
            }

            if (appended == count + (InFlight * PerAppend))
            {
                Console.WriteLine(Full);
            }
        }
    }
}
