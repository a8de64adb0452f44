using System.Globalization;
using System.Text;
using Trunkline.Brokers.Embedded.Tests.Storage;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Consuming;

namespace Trunkline.Brokers.Embedded.Tests.Damage;

/// <summary>
/// A store as a crash left it, made of groups: group n is one commit unit of a message to each of three topics (remembered by id), a
/// state entry and a position up to it. Either everything is below the mark, or the last groups are above it: written, and nobody was told.
/// </summary>
internal sealed class GroupedStore : IDisposable
{
    private static readonly string[] Topics = ["a", "b", "c"];
    private readonly StoreFolder _image;
    private readonly int _size;

    private GroupedStore(StoreFolder image, int size, string log, IReadOnlyList<long> ends) =>
        (_image, _size, LogName, Ends, Log) = (image, size, log, ends, File.ReadAllBytes(Path.Combine(image.Path, log)));

    /// <summary>The file name of the newest log.</summary>
    public string LogName { get; }

    /// <summary>Where in the log its first group begins, then where each ends.</summary>
    public IReadOnlyList<long> Ends { get; }

    /// <summary>The log's bytes, and the zeros behind them.</summary>
    public byte[] Log { get; }

    public FileInfo[] Files => _image.Files("*");

    /// <summary>A store whose last groups lie in the log above the mark.</summary>
    public static Task<GroupedStore> UnmarkedAsync(int settled, int last, int size) => MakeAsync(settled, last, size, marked: false);

    /// <summary>A store of which everything was acknowledged: the settled groups in tables and blob files, the last ones in the log.</summary>
    public static Task<GroupedStore> MarkedAsync(int settled, int last, int size) => MakeAsync(settled, last, size, marked: true);

    public StoreFolder Copy() => _image.Copy();

    /// <summary>A copy with another log in its place.</summary>
    public StoreFolder WithLog(byte[] log)
    {
        var copy = _image.Copy();
        File.WriteAllBytes(Path.Combine(copy.Path, LogName), log);
        return copy;
    }

    /// <summary>
    /// How many groups there are, from the first on and each whole; null if damage was reported. Anything else fails: a group in parts,
    /// a wrong payload, a hole nobody is told of.
    /// </summary>
    public async Task<int?> GroupsAsync(StoreFolder folder)
    {
        try
        {
            await using var broker = await folder.OpenAsync();
            var read = await StoreFolder.ReadAsync(broker, "a");
            Assert.Equal(Enumerable.Range(0, read.Count).Select(n => Text(n, _size)), read);
            Assert.Equal(read, await StoreFolder.ReadAsync(broker, "b"));
            Assert.Equal(read, await StoreFolder.ReadAsync(broker, "c"));
            for (var n = 0; n <= read.Count; n++)
            {
                var state = await broker.ReadStateAsync("s", 0, Key(n), StoreFolder.Stop);
                Assert.Equal(n < read.Count, state is not null);
            }

            Assert.Equal(read.Count - 1, (await broker.DescribeGroupsAsync("a", StoreFolder.Stop)).Single().Partitions[0].Next);
            Assert.True((await AppendAsync(broker, read.Count - 1))[0].Duplicate);
            Assert.False((await AppendAsync(broker, read.Count))[0].Duplicate);
            return read.Count;
        }
        catch (BrokerException told) when (told.Code is BrokerErrorCode.StoreDamaged or BrokerErrorCode.StoreFailed or BrokerErrorCode.StoreNewer)
        {
            return null;
        }
    }

    /// <summary>Demands that all groups are there, or that damage was reported. True if all are there.</summary>
    public async Task<bool> IsWholeAsync(StoreFolder folder, int groups)
    {
        var found = await GroupsAsync(folder);
        Assert.True(found is null || found == groups, $"{found} of {groups} groups, and nobody was told");
        return found is not null;
    }

    /// <summary>The payload of group n: numbers, so that no two of its words are equal.</summary>
    public static string Text(int n, int size) =>
        $"{n:D4}:{string.Concat(Enumerable.Range(0, size / 8).Select(i => (((n + 1) * 100_000) + i).ToString("D8", CultureInfo.InvariantCulture)))}";

    public void Dispose() => _image.Dispose();

    private static async Task<GroupedStore> MakeAsync(int settled, int last, int size, bool marked)
    {
        using var folder = new StoreFolder();
        await using (var broker = await folder.OpenAsync())
        {
            foreach (var topic in Topics)
            {
                await StoreFolder.CreateAsync(broker, topic);
            }

            await CommitAsync(broker, 0, settled, size, () => { });
        }

        // Opening moves the log into tables and blob files.
        await (await folder.OpenAsync()).DisposeAsync();
        var marks = folder.Files("acknowledged.*").ToDictionary(f => f.Name, f => File.ReadAllBytes(f.FullName));
        await using var again = await folder.OpenAsync();
        var log = LogFile.Of(folder);
        List<long> ends = [];
        await CommitAsync(again, settled, last, size, () => ends.Add(LogFile.Ends(log.FullName)[^1]));
        if (marked)
        {
            await again.DisposeAsync();
        }

        var image = folder.Copy();
        foreach (var (name, bytes) in marked ? [] : marks)
        {
            await File.WriteAllBytesAsync(Path.Combine(image.Path, name), bytes, StoreFolder.Stop);
        }

        return new GroupedStore(image, size, log.Name, ends);
    }

    private static async Task CommitAsync(EmbeddedBroker broker, int first, int count, int size, Action between)
    {
        await using var member = await broker.SubscribeAsync(new SubscribeOptions { Topic = "a", Group = "g" }, StoreFolder.Stop);
        Assert.IsType<SubscriptionEvent.Assigned>(await member.ReceiveAsync(1, StoreFolder.Stop));
        between();
        for (var n = first; n < first + count; n++)
        {
            await broker.CommitAsync(new CommitUnit
            {
                Fence = member.Fence,
                Appends = [.. Topics.Select(topic => Append(topic, n, size))],
                Positions = [new PositionUpdate("a", 0, Progress.At(n))],
                State = [new StateWrite("s", 0, Key(n), Key(n))],
            }, StoreFolder.Stop);
            between();
        }
    }

    private static TopicAppend Append(string topic, int n, int size) => new()
    {
        Topic = topic,
        Dedupe = DedupeMode.ById,
        Messages = [new Message { Id = new MessageId($"{n}"), Source = "/groups", Payload = Encoding.ASCII.GetBytes(Text(n, size)) }],
    };

    private static byte[] Key(int n) => [(byte)(n >> 8), (byte)n];

    private async Task<IReadOnlyList<Appended>> AppendAsync(EmbeddedBroker broker, int n) => await broker.AppendAsync(Append("a", n, _size), StoreFolder.Stop);
}
