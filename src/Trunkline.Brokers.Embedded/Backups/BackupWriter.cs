using Trunkline.Brokers.Embedded.Storage;
using Trunkline.Brokers.Embedded.Topics;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Brokers.Embedded.Backups;

/// <summary>Takes a backup of an open store while it goes on: a checkpoint of RocksDB with the format and the mark beside it. Any thread.</summary>
internal sealed class BackupWriter(BrokerCore core)
{
    /// <summary>Takes it into a folder that does not exist.</summary>
    public async Task<BackupNote> WriteAsync(string directory)
    {
        directory = Path.GetFullPath(directory);
        if (Path.Exists(directory))
        {
            throw new BrokerException(BrokerErrorCode.StoreFailed, $"{directory} exists already; name a folder that does not. Nothing was written.");
        }

        // Under another name until it is whole: half a backup must not look like one.
        var partial = $"{Path.TrimEndingDirectorySeparator(directory)}.partial-{Guid.NewGuid():N}";
        try
        {
            var (note, mark) = await core.Change(Look).ConfigureAwait(false);
            return await Task.Run(() => Write(note, mark, partial, directory)).ConfigureAwait(false);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            Remove(partial);
            throw new BrokerException(BrokerErrorCode.StoreFailed, $"The backup could not be written to {directory}: {failed.Message} The node goes on.", failed);
        }
        catch
        {
            Remove(partial);
            throw;
        }
    }

    /// <summary>How far the store is acknowledged; all of that will be in the checkpoint, which is taken after it. Writer's thread.</summary>
    private (BackupNote Note, AckMark.Mark Mark) Look()
    {
        core.Store.Sync();
        lock (core.Catalog.Gate)
        {
            var topics = core.Catalog.Topics.ToList();
            var note = new BackupNote(
                BackupNote.FormatVersion, core.Counters.Seed, core.Store.LoggedSequence, core.Options.Time.GetUtcNow(), topics.Count,
                topics.SelectMany(t => t.Partitions).Sum(p => p.Visible.High - p.Visible.Low));
            return (note, new AckMark.Mark(0, note.Sequence, Highs(topics)));
        }
    }

    /// <summary>The store was synced, so topics of every durability are as far as they show.</summary>
    private static List<(int Topic, int Partition, long High)> Highs(IEnumerable<TopicState> topics) =>
        [.. topics.SelectMany(t => t.Partitions, (t, p) => (t.Id, p.Number, p.Visible.High)).Where(entry => entry.High > 0)];

    private BackupNote Write(BackupNote note, AckMark.Mark mark, string partial, string directory)
    {
        Directory.CreateDirectory(partial);
        var store = Path.Combine(partial, BackupNote.StoreFolder);
        core.Store.Checkpoint(store);
        StoreFormat.Write(store, StoreFormat.Version);
        new AckMark(store).Write(mark.Sequence, mark.Highs);
        note.Write(partial);
        Directory.Move(partial, directory);
        return note;
    }

    private static void Remove(string partial)
    {
        if (Directory.Exists(partial))
        {
            Directory.Delete(partial, recursive: true);
        }
    }
}
