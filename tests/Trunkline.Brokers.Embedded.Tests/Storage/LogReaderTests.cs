using System.Text;
using RocksDbSharp;
using Trunkline.Brokers.Embedded.Commits;
using Trunkline.Brokers.Embedded.Reading;
using Trunkline.Brokers.Embedded.Storage;
using Trunkline.Brokers.Embedded.Topics;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Records;
using Trunkline.Messaging.Topics;

namespace Trunkline.Brokers.Embedded.Tests.Storage;

/// <summary>A reader whose key is of a batch that is replaced before the batch is read.</summary>
public sealed class LogReaderTests : IDisposable
{
    private const int Messages = 3;
    private static readonly DateTimeOffset Noon = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    private readonly StoreFolder _folder = new();
    private readonly Store _store;
    private readonly PartitionState _partition;
    private readonly RecordBatch[] _single = [.. Enumerable.Range(0, Messages).Select(i => Batch(i, 1))];

    public LogReaderTests()
    {
        _store = Store.Open(_folder.Path, StoreMemory.Default);
        _partition = new TopicState(1, new TopicSettings { Name = "t", Partitions = 1 }, _ => new Extent(0, Messages, 0, null)).Partitions[0];
        using var change = new WriteBatch();
        foreach (var batch in _single)
        {
            Put(change, batch);
        }

        _store.Write(change, sync: true);

        // In files, so that their batches lie apart from their keys.
        _store.Flush();
    }

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void What_is_merged_between_key_and_batch_is_read_as_it_was(int before)
    {
        var merged = false;
        var keys = 0;
        var reader = new LogReader(_store)
        {
            KeyFound = () =>
            {
                if (!merged && keys++ == before)
                {
                    merged = true;
                    Merge();
                }
            },
        };
        var read = new List<string>();
        while (reader.Read(_partition, read.Count, int.MaxValue, int.MaxValue).Messages is { Count: > 0 } page)
        {
            read.AddRange(page.Select(m => Encoding.UTF8.GetString(m.Message.Payload.Span)));
        }

        Assert.True(merged);
        Assert.Equal(Enumerable.Range(0, Messages).Select(Text), read);
    }

    [Fact]
    public void A_batch_that_is_not_as_long_as_its_key_says_is_damage_by_its_offsets()
    {
        using (var change = new WriteBatch())
        {
            var place = StagedPartition.Place(_partition, _single[1]);
            change.Delete(StoreKeys.Batch(place), _store.Batches);
            change.Put(StoreKeys.Batch(place with { Bytes = place.Bytes + 1 }), _single[1].Bytes.Span, _store.Batches);
            _store.Write(change, sync: true);
            _store.Flush();
        }

        var reader = new LogReader(_store);
        Assert.Equal(Text(0), Encoding.UTF8.GetString(Assert.Single(reader.Read(_partition, 0, int.MaxValue, int.MaxValue).Messages).Message.Payload.Span));
        var damage = Assert.Throws<BrokerException>(() => reader.Read(_partition, 1, int.MaxValue, int.MaxValue));
        Assert.Equal(BrokerErrorCode.StoreDamaged, damage.Code);
        Assert.Contains("Offsets 1 to 1 of t/0", damage.Message, StringComparison.Ordinal);
        Assert.Contains("not as long as its key says", damage.Message, StringComparison.Ordinal);
        Assert.Single(reader.Read(_partition, 2, int.MaxValue, int.MaxValue).Messages);
    }

    private void Merge()
    {
        using var change = new WriteBatch();
        foreach (var batch in _single)
        {
            change.Delete(StoreKeys.Batch(StagedPartition.Place(_partition, batch)), _store.Batches);
        }

        Put(change, Batch(0, Messages));
        _store.Rewrite(change);
        _store.Flush();
    }

    private void Put(WriteBatch change, RecordBatch batch) => change.Put(StoreKeys.Batch(StagedPartition.Place(_partition, batch)), batch.Bytes.Span, _store.Batches);

    private static RecordBatch Batch(int first, int count)
    {
        var writer = new RecordBatchWriter();
        writer.Begin(first);
        for (var i = first; i < first + count; i++)
        {
            writer.Add(i, Noon, new Message { Payload = Encoding.UTF8.GetBytes(Text(i)) });
        }

        return writer.Finish();
    }

    private static string Text(int number) => $"{number}-{new string('x', 3000)}";
}
