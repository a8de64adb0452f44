using RocksDbSharp;
using Trunkline.Brokers.Embedded.Storage;

namespace Trunkline.Brokers.Embedded.Upkeep;

/// <summary>
/// Rewrites the store's files, so that of what was erased, deleted or replaced before no byte is left in them: logs, tables and blob
/// files, and the list of files, which names the first and last key of each. Appends and reads go on meanwhile.
/// </summary>
internal sealed class Scrubber(BrokerCore core, LogSpace log)
{
    public Task RunAsync() => Task.Run(async () =>
    {
        using var lease = core.Store.Enter();
        var last = await core.Change(core.Store.BeginLogFile).ConfigureAwait(false);
        await log.EmptyAsync([.. core.Store.LogFiles.Closed().Select(file => file.File)]).ConfigureAwait(false);
        core.Store.Flush();
        core.Store.Files.CompactAll();
        core.Store.Files.ShortenManifest(begin: true);
        try
        {
            // One change of the files begins the list anew, the next removes the one before.
            await TouchAsync().ConfigureAwait(false);
            await TouchAsync().ConfigureAwait(false);
            core.Store.Files.WaitForPurge();
            core.Store.LogFiles.Delete(last);
        }
        finally
        {
            core.Store.Files.ShortenManifest(begin: false);
        }
    });

    /// <summary>Any change of the files: the counters are written as they are.</summary>
    private async Task TouchAsync()
    {
        await core.Change(() =>
        {
            using var change = new WriteBatch();
            change.Put(StoreKeys.Counters, core.Counters.Encode(), core.Store.Meta);
            core.Write(change);
            return true;
        }).ConfigureAwait(false);
        core.Store.Flush();
    }
}
