using Trunkline.Brokers.Embedded.Storage;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Brokers.Embedded.Inspection;

/// <summary>
/// Looks at every checksum, offset and position of a store that no node has open, and copies what can be read into a new one. Writes
/// nothing into the store it looks at, so that it says the same however often it runs. Thread-safe; never on a store this process has open.
/// </summary>
public static class StoreInspection
{
    /// <summary>Inspects the store in a folder.</summary>
    /// <exception cref="BrokerException"><see cref="BrokerErrorCode.StoreLocked"/>; <see cref="BrokerErrorCode.StoreFailed"/>: there is no store.</exception>
    public static StoreReport Inspect(string directory, CancellationToken cancellationToken) => Run(directory, null, pastDamage: false, cancellationToken);

    /// <summary>
    /// Inspects a store and copies what is readable into <paramref name="target"/>, which must not exist. Offsets stay as they are; where
    /// some are lost readers go on behind them; if the last ones of a partition are lost its end moves back, and groups with it.
    /// The findings name each lost offset. Whole changes behind a damaged one of the log are taken if none of them goes on from it.
    /// </summary>
    /// <param name="directory">The store.</param>
    /// <param name="target">The copy.</param>
    /// <param name="pastDamage">Takes whole changes behind a damaged one in any case: what it did for groups, state and producers that they go on with is then lost, and not done again.</param>
    /// <param name="cancellationToken">Ends it; nothing is left of the copy.</param>
    /// <exception cref="BrokerException">As in <see cref="Inspect"/>; <see cref="BrokerErrorCode.StoreDamaged"/>: nothing can be read.</exception>
    public static StoreReport RepairInto(string directory, string target, bool pastDamage, CancellationToken cancellationToken)
    {
        if (Path.Exists(target))
        {
            throw new BrokerException(BrokerErrorCode.StoreFailed, $"{target} exists already; name a folder that does not. Nothing was changed.");
        }

        // Under another name until it is whole: half a copy must not look like a store.
        var partial = $"{Path.TrimEndingDirectorySeparator(Path.GetFullPath(target))}.partial-{Guid.NewGuid():N}";
        try
        {
            Directory.CreateDirectory(partial);
            var report = Run(directory, partial, pastDamage, cancellationToken);
            Directory.Move(partial, target);
            return report;
        }
        catch
        {
            Directory.Delete(partial, recursive: true);
            throw;
        }
    }

    private static StoreReport Run(string directory, string? target, bool pastDamage, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(directory) || !Directory.EnumerateFiles(directory).Any())
        {
            throw new BrokerException(BrokerErrorCode.StoreFailed, $"There is no store in {directory}.");
        }

        using var held = new StoreLock(directory);
        var findings = new List<StoreFinding>();
        var notes = Directory.CreateTempSubdirectory("trunkline-doctor-");
        try
        {
            using var store = FormatIsKnown(directory, findings) ? Open(directory, notes.FullName, pastDamage, findings) : null;
            if (store is null)
            {
                return target is null ? new StoreReport(0, 0, 0, findings) : throw new BrokerException(BrokerErrorCode.StoreDamaged,
                    $"Nothing of the store in {directory} can be read. Restore a backup. ({findings[^1].Detail})");
            }

            using var copy = target is null ? null : new StoreCopy(target);
            var report = new StoreReading(store, copy, findings, cancellationToken).Read(Mark(directory, findings));
            copy?.Finish();
            return report with { Findings = [.. report.Findings.Select(found => found with { Detail = StoreView.OfStore(found.Detail, directory, notes.FullName) })] };
        }
        finally
        {
            notes.Delete(recursive: true);
        }
    }

    private static bool FormatIsKnown(string directory, List<StoreFinding> findings)
    {
        var missing = Array.Find(["FORMAT", "CURRENT"], name => !File.Exists(Path.Combine(directory, name)));
        try
        {
            if (missing is null)
            {
                StoreFormat.CheckOrCreate(directory);
                return true;
            }

            findings.Add(StoreFinding.OfStore(missing == "FORMAT" ? StoreFindingKind.FormatUnknown : StoreFindingKind.FilesDamaged, $"The file {missing} is missing."));
            // Without FORMAT the rest still says what it is; without CURRENT nothing names the files that count.
            return missing == "FORMAT" && File.Exists(Path.Combine(directory, "CURRENT"));
        }
        catch (BrokerException unknown)
        {
            findings.Add(StoreFinding.OfStore(StoreFindingKind.FormatUnknown, unknown.Message));
            return unknown.Code != BrokerErrorCode.StoreNewer;
        }
    }

    private static Store? Open(string directory, string notes, bool pastDamage, List<StoreFinding> findings)
    {
        foreach (var salvage in new[] { LogSalvage.None, LogSalvage.ToDamage })
        {
            try
            {
                var store = StoreView.Open(directory, notes, salvage);
                if (salvage == LogSalvage.None || !LogPastDamage.MayBeTaken(directory, store, pastDamage, findings))
                {
                    return store;
                }

                store.Dispose();
                return StoreView.Open(directory, notes, LogSalvage.PastDamage);
            }
            catch (BrokerException damage)
            {
                findings.RemoveAll(found => found.Kind == StoreFindingKind.FilesDamaged);
                findings.Add(StoreFinding.OfStore(StoreFindingKind.FilesDamaged, StoreView.OfStore(damage.Message, directory, notes)));
            }
        }

        return null;
    }

    private static AckMark.Mark? Mark(string directory, List<StoreFinding> findings)
    {
        try
        {
            if (new AckMark(directory).Read() is { } mark)
            {
                return mark;
            }

            findings.Add(StoreFinding.OfStore(StoreFindingKind.MarkUnreadable, "There is no mark of what was acknowledged: a cut of the log could not be told."));
        }
        catch (BrokerException damage)
        {
            findings.Add(StoreFinding.OfStore(StoreFindingKind.MarkUnreadable, damage.Message));
        }

        return null;
    }
}
