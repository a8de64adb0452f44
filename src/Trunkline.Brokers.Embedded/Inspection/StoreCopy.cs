using System.Buffers.Binary;
using RocksDbSharp;
using Trunkline.Brokers.Embedded.Storage;
using Trunkline.Brokers.Embedded.Topics;
using Trunkline.Messaging.Consuming;
using Trunkline.Messaging.Records;

namespace Trunkline.Brokers.Embedded.Inspection;

/// <summary>A new store made of what could be read of a damaged one.</summary>
internal sealed class StoreCopy : IDisposable
{
    private const int WriteBytesMax = 4 * 1024 * 1024;
    private readonly string _directory;
    private readonly Store _store;
    private readonly WriteBatch _batch = new();
    private readonly RecordBatchWriter _writer = new();
    private readonly Dictionary<(int Topic, int Partition), Extent> _extents = [];
    private readonly Dictionary<(int Topic, int Partition), List<OffsetRange>> _lost = [];
    private (int Topic, int Partition) _at;
    private Extent _before = Extent.Empty;
    private long _next;
    private long _bytes;
    private long _written;
    private bool _any;
    private bool _holed;

    public StoreCopy(string directory)
    {
        _directory = directory;
        StoreFormat.CheckOrCreate(directory);
        _store = Store.Open(directory, StoreMemory.Default);
    }

    public void Begin(int topic, int partition, Extent extent)
    {
        (_at, _before, _next, _bytes, _any, _holed) = ((topic, partition), extent, extent.Low, 0, false, false);
    }

    public void Lost(int topic, int partition, long from, long until)
    {
        if (!_lost.TryGetValue((topic, partition), out var ranges))
        {
            _lost[(topic, partition)] = ranges = [];
        }

        ranges.Add(new OffsetRange(from, until));
        _holed = true;
    }

    /// <summary>Takes a batch over; behind lost offsets it is made to begin where they do, so that readers go on behind them.</summary>
    public void Batch(RecordBatch batch)
    {
        if (_holed && batch.BaseOffset > _next)
        {
            _writer.Begin(Math.Max(_next, batch.LastOffset - int.MaxValue));
            _writer.Add(batch);
            batch = _writer.Finish();
            _holed = false;
        }

        var place = new BatchPlace(_at.Topic, _at.Partition, batch.BaseOffset, batch.LastOffset, batch.Count, batch.Bytes.Length,
            (batch.FirstAppendedAt - DateTimeOffset.UnixEpoch).Ticks, (batch.LastAppendedAt - DateTimeOffset.UnixEpoch).Ticks);
        Put(StoreKeys.Batch(place), batch.Bytes.Span, _store.Batches);
        (_next, _bytes, _any) = (batch.LastOffset + 1, _bytes + batch.Bytes.Length, true);
    }

    /// <summary>Ends a partition. If its last offsets are lost its end moves back; if all are, it stays, and the partition is empty.</summary>
    public void End() => _extents[_at] = _any
        ? _before with { High = _next, StoredBytes = _bytes }
        : _before with { Low = _before.High, StoredBytes = 0 };

    public void Meta(StoreContents contents)
    {
        var next = contents.Topics.Count == 0 ? 1 : contents.Topics.Keys.Last() + 1;
        var counters = contents.Counters ?? Counters.New();
        Put(StoreKeys.Counters, (counters with { NextTopic = Math.Max(counters.NextTopic, next) }).Encode(), _store.Meta);
        foreach (var (id, settings) in contents.Topics)
        {
            Put(StoreKeys.OfTopic('t', id), TopicRecord.Encode(settings), _store.Meta);
        }

        foreach (var ((topic, partition), extent) in _extents)
        {
            Put(StoreKeys.Partition(topic, partition), extent.Encode(), _store.Meta);
        }
    }

    /// <summary>A group does not stand beyond the end.</summary>
    public void Position(int topic, int partition, string group, Progress progress)
    {
        var high = _extents[(topic, partition)].High;
        var kept = new Progress(Math.Min(progress.Next, high), [.. progress.CompletedAbove.Where(range => range.Until <= high)]);
        Put(StoreKeys.Position(topic, partition, group), ProgressCodec.Encode(kept), _store.Positions);
    }

    /// <summary>What remembers a lost message goes too: its producer may send it again.</summary>
    public void Dedupe(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (key is [(byte)'i', ..] && key.Length == 29 && value.Length == 20)
        {
            var (topic, partition, offset) = (BinaryPrimitives.ReadInt32BigEndian(key[1..]), BinaryPrimitives.ReadInt32LittleEndian(value), BinaryPrimitives.ReadInt64LittleEndian(value[4..]));
            if (!_extents.TryGetValue((topic, partition), out var extent) || offset >= extent.High
                || (_lost.TryGetValue((topic, partition), out var ranges) && ranges.Exists(range => offset >= range.From && offset < range.Until)))
            {
                return;
            }
        }

        Put(key, value, _store.Dedupe);
    }

    public void State(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) => Put(key, value, _store.State);

    /// <summary>Makes it durable and marks it as whole.</summary>
    public void Finish()
    {
        Write();
        _store.Sync();
        var mark = new AckMark(_directory);
        mark.Read();
        mark.Write(_store.LoggedSequence, [.. _extents.Where(e => e.Value.High > 0).Select(e => (e.Key.Topic, e.Key.Partition, e.Value.High))]);
    }

    public void Dispose()
    {
        _batch.Dispose();
        _store.Dispose();
    }

    private void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, ColumnFamilyHandle family)
    {
        _batch.Put(key, value, family);
        _written += key.Length + value.Length;
        if (_written >= WriteBytesMax)
        {
            Write();
        }
    }

    private void Write()
    {
        _store.Write(_batch, sync: false);
        _batch.Clear();
        _written = 0;
    }
}
