using System.Buffers.Binary;
using System.Text;
using Trunkline.Brokers.Embedded.Storage;
using Trunkline.Brokers.Embedded.Topics;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Topics;

namespace Trunkline.Brokers.Embedded.Inspection;

/// <summary>One pass over a store: what is wrong is written down, what is right is counted and, if asked for, copied.</summary>
internal sealed class StoreReading(Store store, StoreCopy? copy, List<StoreFinding> findings, CancellationToken cancellationToken)
{
    private readonly Dictionary<(int Topic, int Partition), Extent> _read = [];
    private long _batches;
    private long _messages;

    public StoreReport Read(AckMark.Mark? mark)
    {
        var contents = StoreContents.Read(store, findings);
        foreach (var (id, settings) in contents.Topics)
        {
            for (var partition = 0; partition < settings.Partitions; partition++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                ReadPartition(id, partition, settings, contents.Extent(id, partition));
            }
        }

        CompareWithMark(contents, mark);
        copy?.Meta(contents);
        ReadPositions(contents);
        Visit(store.Dedupe, "dedupe entries", (key, value) => copy?.Dedupe(key, value));
        Visit(store.State, "state", (key, value) => copy?.State(key, value));
        return new StoreReport(contents.Topics.Count, _batches, _messages, findings);
    }

    private void ReadPartition(int topic, int partition, TopicSettings settings, Extent extent)
    {
        var next = extent.Low;
        copy?.Begin(topic, partition, extent);
        foreach (var stretch in new BatchScan(store, topic, partition).Read(extent.Low, extent.High))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (stretch.From > next && !settings.Compacted)
            {
                Lost(StoreFindingKind.OffsetsMissing, settings, topic, partition, next, stretch.From, "They are not in the store.");
            }

            if (stretch.From < next || stretch.Until > extent.High)
            {
                findings.Add(new StoreFinding(StoreFindingKind.OffsetsContradict, settings.Name, partition, stretch.From, stretch.Until - 1,
                    stretch.From < next ? "A batch overlaps the one before it." : $"A batch reaches beyond the end of the partition, {extent.High}."));
                if (stretch.From < next)
                {
                    continue;
                }
            }

            if (stretch.Batch is { } batch)
            {
                _batches++;
                _messages += batch.Count;
                copy?.Batch(batch);
            }
            else
            {
                Lost(StoreFindingKind.OffsetsDamaged, settings, topic, partition, stretch.From, stretch.Until, stretch.Fault!);
            }

            next = stretch.Until;
        }

        if (next < extent.High)
        {
            Lost(StoreFindingKind.OffsetsMissing, settings, topic, partition, next, extent.High, "They are not in the store.");
        }

        copy?.End();
        _read[(topic, partition)] = extent with { High = Math.Max(extent.High, next) };
    }

    private void Lost(StoreFindingKind kind, TopicSettings settings, int topic, int partition, long from, long until, string detail)
    {
        findings.Add(new StoreFinding(kind, settings.Name, partition, from, until - 1, detail));
        copy?.Lost(topic, partition, from, until);
    }

    private void CompareWithMark(StoreContents contents, AckMark.Mark? mark)
    {
        var cut = false;
        foreach (var (topic, partition, high) in mark?.Highs ?? [])
        {
            if (_read.TryGetValue((topic, partition), out var extent) && extent.High < high)
            {
                cut = true;
                findings.Add(new StoreFinding(StoreFindingKind.AcknowledgedMissing, contents.Topics[topic].Name, partition, extent.High, high - 1,
                    "They were acknowledged and are gone: the log was cut or could not be read further."));
            }
        }

        if (!cut && mark is not null && store.OpenedAt < mark.Sequence)
        {
            findings.Add(StoreFinding.OfStore(StoreFindingKind.AcknowledgedMissing,
                FormattableString.Invariant($"Changes {store.OpenedAt + 1} to {mark.Sequence} were acknowledged and are gone; they added no messages to topics that sync.")));
        }
    }

    private void ReadPositions(StoreContents contents) => Visit(store.Positions, "positions", (key, value) =>
    {
        var (topic, partition) = (BinaryPrimitives.ReadInt32BigEndian(key), BinaryPrimitives.ReadInt32BigEndian(key[4..]));
        var group = Encoding.UTF8.GetString(key[StoreKeys.PartitionPrefixSize..]);
        var progress = ProgressCodec.Decode(value);
        if (!contents.Topics.TryGetValue(topic, out var settings) || !_read.TryGetValue((topic, partition), out var extent))
        {
            findings.Add(StoreFinding.OfStore(StoreFindingKind.EntryUnreadable, $"Group {group} has a position in a topic or partition that is not there."));
            return;
        }

        var furthest = progress.CompletedAbove.Count > 0 ? progress.CompletedAbove[^1].Until : progress.Next;
        if (furthest > extent.High)
        {
            findings.Add(new StoreFinding(StoreFindingKind.PositionBeyondEnd, settings.Name, partition, extent.High, furthest - 1,
                $"Group {group} has completed what is not there: the end is {extent.High}. (A seek beyond the end does that too.)"));
        }
        else if (progress.Next < extent.Low && settings is { RetentionAge: null, RetentionBytes: null, Compacted: false })
        {
            findings.Add(new StoreFinding(StoreFindingKind.PositionBelowLow, settings.Name, partition, progress.Next, extent.Low - 1,
                $"Group {group} has not completed what is gone, though the topic keeps everything."));
        }

        copy?.Position(topic, partition, group, progress);
    });

    private void Visit(RocksDbSharp.ColumnFamilyHandle family, string what, EntryScan.Visitor visit)
    {
        var fault = EntryScan.Visit(store, family, what, (key, value) =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                visit(key, value);
            }
            catch (Exception broken) when (broken is BrokerException or ArgumentOutOfRangeException)
            {
                findings.Add(StoreFinding.OfStore(StoreFindingKind.EntryUnreadable, broken.Message));
            }
        });
        if (fault is not null)
        {
            findings.Add(StoreFinding.OfStore(StoreFindingKind.EntryUnreadable, fault));
        }
    }
}
