using Trunkline.Brokers.Embedded.Reading;
using Trunkline.Brokers.Embedded.Topics;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Brokers.Embedded.Upkeep;

/// <summary>Runs retention and compaction over all topics, one run at a time; each change is a short step on the writer's thread.</summary>
internal sealed class Maintenance(BrokerCore core, LogReader log) : IDisposable
{
    private readonly SemaphoreSlim _one = new(1);
    private readonly Retention _retention = new(core.Catalog, core.Store);
    private readonly Compactor _compactor = new(core.Store, log);
    private readonly Reclaimer _reclaimer = new(core.Store);
    private readonly Eraser _eraser = new(core);
    private readonly LogSpace _log = new(core);

    public async Task<long> ApplyRetentionAsync(bool force, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            TopicState[] topics;
            lock (core.Catalog.Gate)
            {
                topics = [.. core.Catalog.Topics];
            }

            long removed = 0;
            foreach (var partition in topics.SelectMany(t => t.Partitions))
            {
                cancellationToken.ThrowIfCancellationRequested();
                removed += await ApplyAsync(partition, force).ConfigureAwait(false);
            }

            await _log.ReclaimAsync().ConfigureAwait(false);
            return removed;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Erases messages of a topic; each change is a short step on the writer's thread.</summary>
    public async Task<long> EraseAsync(TopicState topic, IReadOnlyList<ErasedMessage> messages, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            long erased = 0;
            foreach (var group in messages.GroupBy(message => message.Position.Partition))
            {
                if (group.Key >= 0 && group.Key < topic.Partitions.Length)
                {
                    erased += await EraseAsync(topic.Partitions[group.Key], group, cancellationToken).ConfigureAwait(false);
                }
            }

            return erased;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Leaves no byte of what was erased, deleted or replaced in the store's files.</summary>
    public async Task ScrubAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await new Scrubber(core, _log).RunAsync().ConfigureAwait(false);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Gives back the space of what was removed, when it is worth it.</summary>
    public Task ReclaimAsync(long bytes) => bytes > 0 ? Task.Run(() => _reclaimer.Removed(bytes)) : Task.CompletedTask;

    public void Dispose() => _one.Dispose();

    private async Task<long> EraseAsync(PartitionState partition, IEnumerable<ErasedMessage> messages, CancellationToken cancellationToken)
    {
        var wanted = messages.GroupBy(message => message.Position.Offset).OrderBy(one => one.Key).Select(one => new KeyValuePair<long, Message?>(one.Key, one.Last().Replacement)).ToArray();

        // From here on no batch below the end is in the tail or waits to be merged: neither can bring back what goes.
        var until = await core.Change(() =>
        {
            core.Writer.Forget(partition);
            return partition.Visible.High;
        }).ConfigureAwait(false);
        long erased = 0;
        for (var from = 0; from < wanted.Length && wanted[from].Key < until;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var start = from;
            (var count, from) = await core.Change(() => _eraser.Apply(partition, wanted, start)).ConfigureAwait(false);
            erased += count;
        }

        return erased;
    }

    private async Task<long> ApplyAsync(PartitionState partition, bool force)
    {
        long removed = 0;
        long bytes = 0;
        for (var more = true; more;)
        {
            (var messages, var freed, more) = await core.Change(() => _retention.Apply(partition, force, core.Options.Time.GetUtcNow())).ConfigureAwait(false);
            removed += messages;
            bytes += freed;
        }

        if (removed > 0)
        {
            Wake(partition.Topic);
            await ReclaimAsync(bytes).ConfigureAwait(false);
        }

        return partition.Topic.Settings.Compacted ? removed + await CompactAsync(partition).ConfigureAwait(false) : removed;
    }

    private async Task<long> CompactAsync(PartitionState partition)
    {
        // From here on no batch below the end is in the tail or waits to be merged.
        var until = await core.Change(() =>
        {
            core.Writer.Forget(partition);
            return partition.Visible.High;
        }).ConfigureAwait(false);
        return await Task.Run(() => _compactor.CompactAsync(partition, until, core.Change)).ConfigureAwait(false);
    }

    private void Wake(TopicState topic)
    {
        lock (core.Catalog.Gate)
        {
            core.Catalog.Members.Wake(topic.Settings.Name);
        }
    }
}
