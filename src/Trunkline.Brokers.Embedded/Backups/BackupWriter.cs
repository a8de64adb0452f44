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
            var store = Path.Combine(partial, BackupNote.StoreFolder);
            Directory.CreateDirectory(partial);
            // So that little is left to flush while nothing can be appended.
            await Task.Run(core.Store.Flush).ConfigureAwait(false);
            var (note, mark) = await core.Change(() => Checkpoint(store)).ConfigureAwait(false);
            await Task.Run(() => Complete(note, mark, store, partial, directory)).ConfigureAwait(false);
            return note;
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            Remove(partial);
            throw new BrokerException(StoreErrors.Code(failed.Message), $"The backup could not be written to {directory}: {failed.Message} The node goes on.", failed);
        }
        catch
        {
            Remove(partial);
            throw;
        }
    }

    /// <summary>The checkpoint, and how far the store in it is acknowledged. Writer's thread: files of the log are not written again between the look and the links to them.</summary>
    private (BackupNote Note, AckMark.Mark Mark) Checkpoint(string store)
    {
        core.Store.Checkpoint(store);
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

    private static void Complete(BackupNote note, AckMark.Mark mark, string store, string partial, string directory)
    {
        StoreFormat.Write(store, StoreFormat.Version);
        new AckMark(store).Write(mark.Sequence, mark.Highs);
        note.Write(partial);
        Directory.Move(partial, directory);
    }

    private static void Remove(string partial)
    {
        if (Directory.Exists(partial))
        {
            Directory.Delete(partial, recursive: true);
        }
    }
}
