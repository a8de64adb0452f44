using Trunkline.Messaging.Brokers;

namespace Trunkline.Brokers.Embedded.Tests.Crashes;

/// <summary>A child process that reads every partition of a store and tells, one line each, how many messages it has or why it cannot be read.</summary>
internal static class ReadChild
{
    public const string Verb = "read-child";

    public static async Task<int> RunAsync(string folder)
    {
        await using var broker = await EmbeddedBroker.OpenAsync(new EmbeddedBrokerOptions { Directory = folder }, CancellationToken.None);
        foreach (var topic in await broker.ListTopicsAsync(CancellationToken.None))
        {
            foreach (var partition in topic.Partitions)
            {
                var name = $"{topic.Settings.Name}/{partition.Partition}";
                try
                {
                    var read = await broker.ReadAsync(new ReadRequest(topic.Settings.Name, partition.Partition, 0, 1000), CancellationToken.None);
                    Console.WriteLine($"{name}: {read.Count} messages");
                }
                catch (BrokerException told)
                {
                    Console.WriteLine($"{name}: {told.Code} {told.Message}");
                }
            }
        }

        return 0;
    }
}
