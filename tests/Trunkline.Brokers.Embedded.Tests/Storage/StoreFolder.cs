using System.Text;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Topics;

namespace Trunkline.Brokers.Embedded.Tests.Storage;

/// <summary>A store in a folder of its own, and the calls most tests share.</summary>
internal sealed class StoreFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("trunkline-store-");

    public string Path => _folder.FullName;

    public static CancellationToken Stop => TestContext.Current.CancellationToken;

    public Task<EmbeddedBroker> OpenAsync(Func<EmbeddedBrokerOptions, EmbeddedBrokerOptions>? with = null)
    {
        var options = new EmbeddedBrokerOptions { Directory = Path };
        return EmbeddedBroker.OpenAsync(with?.Invoke(options) ?? options, Stop);
    }

    /// <summary>A copy as it is on disk now, as a crash would leave it.</summary>
    public StoreFolder Copy()
    {
        var copy = new StoreFolder();
        foreach (var file in _folder.GetFiles().Where(f => f.Name != "LOCK"))
        {
            file.CopyTo(System.IO.Path.Combine(copy.Path, file.Name));
        }

        return copy;
    }

    public FileInfo[] Files(string pattern) => [.. _folder.GetFiles(pattern).OrderBy(f => f.Name, StringComparer.Ordinal)];

    public static TopicAppend Append(string topic, params IEnumerable<string> payloads) => new()
    {
        Topic = topic,
        Messages = [.. payloads.Select(p => new Message { Payload = Encoding.UTF8.GetBytes(p) })],
    };

    public static async Task CreateAsync(IBroker broker, string topic, int partitions = 1) =>
        await broker.CreateTopicAsync(new TopicSettings { Name = topic, Partitions = partitions }, Stop);

    public static async Task<List<string>> ReadAsync(IBroker broker, string topic, int partition = 0, long offset = 0)
    {
        var found = new List<string>();
        while (await broker.ReadAsync(new ReadRequest(topic, partition, offset, 1000), Stop) is { Count: > 0 } page)
        {
            found.AddRange(page.Select(m => Encoding.UTF8.GetString(m.Message.Payload.Span)));
            offset = page[^1].Position.Offset + 1;
        }

        return found;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
