using System.Globalization;
using RocksDbSharp;
using Trunkline.Brokers.Embedded.Inspection;
using Trunkline.Brokers.Embedded.Storage;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Brokers.Embedded.Backups;

/// <summary>
/// Makes a store of a backup, with no node running on it. Terms of ownership and numbers of topics go on far above those of the backup, so
/// that none which was given after it is given again; offsets and ids of messages after the backup are. The <see cref="RestoreMark"/> tells the node.
/// </summary>
public static class StoreRestore
{
    /// <summary>More than a store is started, or topics are made, between a backup and its restore.</summary>
    private const int Ahead = 1 << 16;

    /// <summary>Restores a backup.</summary>
    /// <param name="backup">The backup's folder.</param>
    /// <param name="directory">Where the store shall be; an older state of the same store there is moved aside, never deleted.</param>
    /// <param name="cancellationToken">Ends the work; nothing is changed then.</param>
    /// <param name="time">The clock of the <see cref="RestoreMark"/>; null for the machine's.</param>
    /// <returns>What was restored, and where the store that was there is now; null if there was none.</returns>
    /// <exception cref="BrokerException">
    /// <see cref="BrokerErrorCode.StoreNewer"/>: the store that is there has changes the backup lacks, or is another one, or the backup's format is newer; <see cref="BrokerErrorCode.StoreLocked"/>;
    /// <see cref="BrokerErrorCode.StoreDamaged"/>: the backup is damaged, or the store that is there cannot be read;
    /// <see cref="BrokerErrorCode.StoreFailed"/>.
    /// </exception>
    public static (BackupNote Note, string? MovedTo) Restore(string backup, string directory, CancellationToken cancellationToken, TimeProvider? time = null)
    {
        directory = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory));
        var note = BackupNote.Read(backup);
        using var held = Directory.Exists(directory) ? new StoreLock(directory) : null;
        RefuseOverNewer(note, directory);
        var partial = $"{directory}.partial-{Guid.NewGuid():N}";
        try
        {
            Copy(Path.Combine(backup, BackupNote.StoreFolder), partial, cancellationToken);
            Check(backup, partial, cancellationToken);
            GoAhead(partial, (time ?? TimeProvider.System).GetUtcNow());
            var moved = MoveAside(directory);
            Directory.Move(partial, directory);
            return (note, moved);
        }
        catch (Exception failed)
        {
            if (Directory.Exists(partial))
            {
                Directory.Delete(partial, recursive: true);
            }

            throw failed is IOException or UnauthorizedAccessException
                ? new BrokerException(BrokerErrorCode.StoreFailed, $"The backup could not be restored to {directory}: {failed.Message}", failed)
                : failed;
        }
    }

    private static void RefuseOverNewer(BackupNote note, string directory)
    {
        if (!Directory.Exists(directory) || !Directory.EnumerateFileSystemEntries(directory).Any())
        {
            return;
        }

        var notes = Directory.CreateTempSubdirectory("trunkline-restore-");
        try
        {
            using var store = StoreView.Open(directory, notes.FullName, LogSalvage.None);
            var counters = store.Get(store.Meta, StoreKeys.Counters) is { } stored ? Counters.Decode(stored) : null;
            if (counters is not null && counters.Seed != note.Store)
            {
                throw Refuse(directory, "is another one than that of the backup");
            }

            if (store.OpenedAt > note.Sequence)
            {
                throw Refuse(directory, FormattableString.Invariant($"is newer than the backup: it has changes up to {store.OpenedAt}, the backup up to {note.Sequence}"));
            }
        }
        catch (BrokerException unreadable) when (unreadable.Code is BrokerErrorCode.StoreDamaged or BrokerErrorCode.StoreFailed)
        {
            throw new BrokerException(BrokerErrorCode.StoreDamaged,
                $"What is in {directory} cannot be read, so it might be newer than the backup. Move it away, or restore into another data folder. ({StoreView.OfStore(unreadable.Message, directory, notes.FullName)})", unreadable);
        }
        finally
        {
            notes.Delete(recursive: true);
        }
    }

    private static BrokerException Refuse(string directory, string why) =>
        new(BrokerErrorCode.StoreNewer, $"The store in {directory} {why}. Nothing was changed. Move it away, or restore into another data folder.");

    private static void Copy(string from, string to, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var copy = Path.Combine(to, Path.GetFileName(file));
            File.Copy(file, copy);
            using var written = File.OpenHandle(copy, FileMode.Open, FileAccess.ReadWrite);
            RandomAccess.FlushToDisk(written);
        }
    }

    /// <summary>Every checksum, offset and position, before anything is replaced.</summary>
    private static void Check(string backup, string partial, CancellationToken cancellationToken)
    {
        // Where a group stands is its own affair, and a seek may put it beyond the end: no damage to what is stored.
        List<StoreFinding> damage =
            [.. StoreInspection.Inspect(partial, cancellationToken).Findings.Where(f => f.Kind is not (StoreFindingKind.PositionBeyondEnd or StoreFindingKind.PositionBelowLow))];
        if (damage is [var first, ..])
        {
            var code = first.Kind == StoreFindingKind.FormatUnknown && File.Exists(Path.Combine(partial, "FORMAT")) ? BrokerErrorCode.StoreNewer : BrokerErrorCode.StoreDamaged;
            throw new BrokerException(code, string.Create(CultureInfo.InvariantCulture,
                $"The backup in {backup} is damaged ({damage.Count} findings, the first: {first.Detail}). Nothing was changed. Use another backup; 'trunkline doctor --data {backup}' lists all."));
        }
    }

    private static void GoAhead(string partial, DateTimeOffset now)
    {
        using var store = Store.Open(partial, StoreMemory.Default);
        var counters = Counters.Decode(store.Get(store.Meta, StoreKeys.Counters)
            ?? throw new BrokerException(BrokerErrorCode.StoreDamaged, "The backup has no counters. Use another backup."));
        using var change = new WriteBatch();
        change.Put(StoreKeys.Counters, (counters with { Starts = counters.Starts + Ahead, NextTopic = counters.NextTopic + Ahead }).Encode(), store.Meta);
        change.Put(StoreKeys.State(RestoreMark.Store, 0, RestoreMark.Key.Span), RestoreMark.Encode(now), store.State);
        store.Write(change, sync: true);
    }

    private static string? MoveAside(string directory)
    {
        if (!Directory.Exists(directory))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(directory)!);
            return null;
        }

        if (!Directory.EnumerateFileSystemEntries(directory).Any())
        {
            Directory.Delete(directory);
            return null;
        }

        for (var n = 1; ; n++)
        {
            var aside = string.Create(CultureInfo.InvariantCulture, $"{directory}.before-restore-{n}");
            if (!Path.Exists(aside))
            {
                Directory.Move(directory, aside);
                return aside;
            }
        }
    }
}
