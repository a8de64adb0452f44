using Trunkline.Brokers.Embedded.Reading;
using Trunkline.Brokers.Embedded.Topics;

namespace Trunkline.Brokers.Embedded.Upkeep;

/// <summary>Runs retention and compaction over all topics, one run at a time; each change is a short step on the writer's thread.</summary>
internal sealed class Maintenance(BrokerCore core, LogReader log) : IDisposable
{
    private readonly SemaphoreSlim _one = new(1);
    private readonly Retention _retention = new(core.Catalog, core.Store);
    private readonly Compactor _compactor = new(core.Store, log);
    private readonly Reclaimer _reclaimer = new(core.Store);

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

            return removed;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Gives back the space of what was removed, when it is worth it.</summary>
    public Task ReclaimAsync(long bytes) => bytes > 0 ? Task.Run(() => _reclaimer.Removed(bytes)) : Task.CompletedTask;

    public void Dispose() => _one.Dispose();

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
