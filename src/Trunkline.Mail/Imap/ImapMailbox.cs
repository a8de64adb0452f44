using MailKit;
using MailKit.Net.Imap;
using MailKit.Search;
using Trunkline.Mail.Servers;

namespace Trunkline.Mail.Imap;

/// <summary>
/// One folder of an IMAP account, open over one connection. Mails are known by their UID; it reads without changing flags. Not
/// thread-safe. Every call is bounded in time and bytes, throws <see cref="MailServerException"/>, and leaves the connection useless if it does.
/// </summary>
public sealed class ImapMailbox : IAsyncDisposable
{
    // What a search may answer: a million UIDs and more.
    private const long SearchBytesMax = 32L * 1024 * 1024;
    private const int SummaryBytes = 4096;

    // A server slower than this is taken for one that hangs.
    private const int BytesPerSecondMin = 4096;

    private static readonly TimeSpan GoodbyeMax = TimeSpan.FromSeconds(1);

    private readonly MailServer _server;
    private readonly BoundedImapClient _client;
    private readonly MeteredStream _stream;
    private readonly IMailFolder _folder;

    private volatile bool _changed;
    private CancellationTokenSource? _idle;

    private ImapMailbox(MailServer server, BoundedImapClient client, MeteredStream stream, IMailFolder folder)
    {
        (_server, _client, _stream, _folder) = (server, client, stream, folder);
        folder.CountChanged += (_, _) =>
        {
            _changed = true;
            _idle?.Cancel();
        };
    }

    /// <summary>Of the folder; another than before means that all UIDs are void (RFC 9051, 2.3.1.1).</summary>
    public uint UidValidity => _folder.UidValidity;

    /// <summary>True if the server tells of new mails by itself.</summary>
    public bool HasIdle => _client.Capabilities.HasFlag(ImapCapabilities.Idle);

    /// <summary>Connects, logs in and opens the folder.</summary>
    /// <param name="server">Where.</param>
    /// <param name="folder">The folder, as the server names it; <c>INBOX</c> is the inbox.</param>
    /// <param name="write">Whether flags will be set.</param>
    /// <param name="mailBytesMax">The largest mail that will be read, in bytes.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<ImapMailbox> OpenAsync(MailServer server, string folder, bool write, int mailBytesMax, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(server);
        var client = new BoundedImapClient(mailBytesMax);
        try
        {
            var stream = await ServerCalls.OpenAsync(client, server, cancellationToken).ConfigureAwait(false);
            stream.Allow(SearchBytesMax);
            var open = await ServerCalls.RunAsync(
                server,
                server.Timeout,
                async token =>
                {
                    var found = string.Equals(folder, "INBOX", StringComparison.OrdinalIgnoreCase)
                        ? client.Inbox : await client.GetFolderAsync(folder, token).ConfigureAwait(false);
                    await found.OpenAsync(write ? FolderAccess.ReadWrite : FolderAccess.ReadOnly, token).ConfigureAwait(false);
                    return found;
                },
                cancellationToken).ConfigureAwait(false);
            return new ImapMailbox(server, client, stream, open);
        }
        catch (MailServerException refused) when (refused.Failure == MailServerFailure.Refused)
        {
            client.Dispose();
            throw new MailServerException(MailServerFailure.FolderMissing, $"{server} does not open the folder", refused);
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>UIDs from <paramref name="from"/> on, rising.</summary>
    public Task<IReadOnlyList<uint>> FindAsync(uint from, CancellationToken cancellationToken)
    {
        // What is told from here on is not in the answer for sure.
        _changed = false;
        return RunAsync(SearchBytesMax, FindAsync(from), cancellationToken);
    }

    /// <summary>The sizes of mails in bytes as the server tells them; those that are gone are left out.</summary>
    public Task<IReadOnlyDictionary<uint, long>> SizesAsync(IReadOnlyList<uint> uids, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(uids);
        return RunAsync((long)uids.Count * SummaryBytes, SizesOfAsync, cancellationToken);

        async Task<IReadOnlyDictionary<uint, long>> SizesOfAsync(CancellationToken token)
        {
            var found = await _folder.FetchAsync(Ids(uids), MessageSummaryItems.UniqueId | MessageSummaryItems.Size, token).ConfigureAwait(false);
            var sizes = new Dictionary<uint, long>();
            foreach (var one in found)
            {
                sizes[one.UniqueId.Id] = one.Size ?? 0;
            }

            return sizes;
        }
    }

    /// <summary>The bytes of mails; those that are gone are left out.</summary>
    /// <param name="uids">Which.</param>
    /// <param name="bytes">How many bytes they have in all, as the server told.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task<IReadOnlyDictionary<uint, ReadOnlyMemory<byte>>> ReadAsync(IReadOnlyList<uint> uids, long bytes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(uids);

        // Sizes told are often a little off, where line ends are counted otherwise.
        return RunAsync(bytes + (bytes / 4) + ((long)uids.Count * SummaryBytes), ReadAllAsync, cancellationToken);

        async Task<IReadOnlyDictionary<uint, ReadOnlyMemory<byte>>> ReadAllAsync(CancellationToken token)
        {
            var mails = new Dictionary<uint, ReadOnlyMemory<byte>>();
            await ((ImapFolder)_folder).GetStreamsAsync(
                Ids(uids),
                (_, _, uid, stream, _) =>
                {
                    mails[uid.Id] = stream is MemoryStream memory ? memory.ToArray() : throw new InvalidDataException("not a mail");
                    return Task.CompletedTask;
                },
                token).ConfigureAwait(false);
            return mails;
        }
    }

    /// <summary>Sets <c>\Seen</c>, or a keyword.</summary>
    public Task FlagAsync(IReadOnlyList<uint> uids, string? keyword, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(uids);
        return RunAsync((long)uids.Count * SummaryBytes, SetAsync, cancellationToken);

        async Task<bool> SetAsync(CancellationToken token)
        {
            await (keyword is null
                ? _folder.AddFlagsAsync(Ids(uids), MessageFlags.Seen, true, token)
                : _folder.AddFlagsAsync(Ids(uids), MessageFlags.None, new HashSet<string>([keyword]), true, token)).ConfigureAwait(false);
            return true;
        }
    }

    /// <summary>Waits until the server has told of something since the last <see cref="FindAsync(uint, CancellationToken)"/>, the time is over, or <paramref name="wake"/> is cancelled.</summary>
    public async Task WaitAsync(TimeSpan longest, CancellationToken wake, CancellationToken cancellationToken)
    {
        if (_changed)
        {
            return;
        }

        _stream.Allow(0);
        if (!HasIdle)
        {
            using var both = CancellationTokenSource.CreateLinkedTokenSource(wake, cancellationToken);
            await Task.Delay(longest, TimeProvider.System, both.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
            await ServerCalls.RunAsync(_server, _server.Timeout, NothingAsync, cancellationToken).ConfigureAwait(false);
            return;
        }

        // Whoever stops waiting leaves an orderly connection, if the server lets it.
        using var done = CancellationTokenSource.CreateLinkedTokenSource(wake, cancellationToken);
        using var hard = new CancellationTokenSource();
        await using var stopping = cancellationToken.Register(() => hard.CancelAfter(GoodbyeMax)).ConfigureAwait(false);
        done.CancelAfter(longest);
        _idle = done;
        try
        {
            await ServerCalls.RunAsync(_server, longest + _server.Timeout, token => IdleAsync(done.Token, token), hard.Token).ConfigureAwait(false);
        }
        finally
        {
            _idle = null;
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await ServerCalls.RunAsync(_server, GoodbyeMax, GoodbyeAsync, CancellationToken.None).ConfigureAwait(false);
        }
        catch (MailServerException)
        {
            // It is left either way; the server notices the end of the connection.
        }

        _client.Dispose();
    }

    private static List<UniqueId> Ids(IReadOnlyList<uint> uids) => [.. uids.Select(uid => new UniqueId(uid))];

    private Func<CancellationToken, Task<IReadOnlyList<uint>>> FindAsync(uint from) => async token =>
    {
        // "n:*" also answers the last mail where all are below n.
        var found = await _folder.SearchAsync(SearchQuery.Uids(new UniqueIdRange(new UniqueId(from), UniqueId.MaxValue)), token).ConfigureAwait(false);
        return [.. found.Select(uid => uid.Id).Where(uid => uid >= from).Distinct().Order()];
    };

    private async Task<bool> IdleAsync(CancellationToken done, CancellationToken token)
    {
        if (!_changed)
        {
            await _client.IdleAsync(done, token).ConfigureAwait(false);
        }

        return true;
    }

    private async Task<bool> NothingAsync(CancellationToken token)
    {
        await _client.NoOpAsync(token).ConfigureAwait(false);
        return true;
    }

    private async Task<bool> GoodbyeAsync(CancellationToken token)
    {
        if (_client.IsConnected)
        {
            await _client.DisconnectAsync(true, token).ConfigureAwait(false);
        }

        return true;
    }

    private Task<T> RunAsync<T>(long bytes, Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        _stream.Allow(bytes);
        return ServerCalls.RunAsync(_server, _server.Timeout + TimeSpan.FromSeconds(bytes / BytesPerSecondMin), call, cancellationToken);
    }
}
