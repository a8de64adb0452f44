using System.Text;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Consuming;

namespace Trunkline.Server.Connectors.Folders;

/// <summary>
/// A folder of mails as source: each file once. Which files are done is state, written in the unit that holds what became of them,
/// so a restart neither repeats nor misses one. A file whose content changes under its name is a new message. Files are never
/// moved or removed. Partition 0, offsets that count within one opening.
/// </summary>
internal sealed class MaildirSource : IFlowSource
{
    /// <summary>The largest file taken; a larger one is left where it is, and reported.</summary>
    public const int FileBytesMax = 64 * 1024 * 1024;

    /// <summary>A file outside a Maildir is taken once nothing changed it for this long.</summary>
    public static readonly TimeSpan StableFor = TimeSpan.FromSeconds(1);

    // Bytes of one delivery: a bound on what is read ahead of the flow's own bounds.
    private const int DeliveryBytesMax = 4 * 1024 * 1024;

    private static readonly TimeSpan ScanEvery = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ScanEveryUnwatched = TimeSpan.FromSeconds(5);

    private readonly MaildirOptions _options;
    private readonly FolderScan _scan;
    private readonly FolderWatch _watch;
    private readonly Lock _lock = new();
    private readonly Dictionary<long, (string Identity, FileMark Mark)> _taken = [];
    private readonly HashSet<string> _identities = new(StringComparer.Ordinal);
    private readonly ChangeSignal _resumed = new();
    private volatile bool _paused;
    private bool _assigned;
    private bool _unstable;
    private List<FolderFile> _found = [];
    private int _foundNext;
    private long _next;

    public MaildirSource(MaildirOptions options)
    {
        Directory.CreateDirectory(options.Path);
        _options = options;
        _scan = new FolderScan(options.Path);
        _watch = new FolderWatch(options.Path);
    }

    public string Topic => "maildir:" + _options.Flow;

    public FencingToken? Fence => null;

    public DedupeMode Dedupe => DedupeMode.None;

    public async ValueTask<SubscriptionEvent> ReceiveAsync(int maxMessages, CancellationToken cancellationToken)
    {
        if (!_assigned)
        {
            _assigned = true;
            return new SubscriptionEvent.Assigned([new PartitionAssignment(0, Progress.At(0))]);
        }

        while (true)
        {
            var resumed = _resumed.Next;
            if (_paused)
            {
                await resumed.WaitAsync(cancellationToken);
                continue;
            }

            var changed = _watch.Next;
            if (_foundNext == _found.Count)
            {
                _unstable = false;
                _found = _scan.List();
                _foundNext = 0;
            }

            var messages = await ReadAsync(maxMessages, cancellationToken);
            if (messages.Count > 0)
            {
                return new SubscriptionEvent.Delivered(0, messages);
            }

            _found = [];
            _foundNext = 0;
            await WaitAsync(changed, cancellationToken);
        }
    }

    public void Pause(int partition) => _paused = true;

    public void Resume(int partition)
    {
        _paused = false;
        _resumed.Set();
    }

    public void Record(int partition, IReadOnlyList<CompletedMessage> completed, Progress progress, UnitDraft unit)
    {
        lock (_lock)
        {
            foreach (var message in completed)
            {
                var (identity, mark) = _taken[message.Offset];
                unit.State.Add(new StateWrite(_options.Store, 0, Encoding.UTF8.GetBytes(identity), mark.Write()));
            }
        }
    }

    public void Committed(int partition, IReadOnlyList<CompletedMessage> completed)
    {
        lock (_lock)
        {
            foreach (var message in completed)
            {
                if (_taken.Remove(message.Offset, out var file))
                {
                    _identities.Remove(file.Identity);
                }
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        _watch.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Until something changes, the clock says so, or a file found fresh has had time to become stable.</summary>
    private async Task WaitAsync(Task changed, CancellationToken cancellationToken)
    {
        var longest = _unstable ? StableFor : _watch.IsWatching ? ScanEvery : ScanEveryUnwatched;
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(changed, Task.Delay(longest, _options.Time, timer.Token));
        await timer.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }

    private async Task<List<StoredMessage>> ReadAsync(int maxMessages, CancellationToken cancellationToken)
    {
        var messages = new List<StoredMessage>();
        var bytes = 0;
        while (_foundNext < _found.Count && messages.Count < maxMessages && bytes < DeliveryBytesMax)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var file = _found[_foundNext++];
            try
            {
                if (await TryReadAsync(file, cancellationToken) is { } message)
                {
                    messages.Add(message);
                    bytes += message.Message.Payload.Length;
                }
            }
            catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
            {
                // Moved by a reader of the Maildir, or not ours to read: the next scan meets it again if it is still there.
                Log.FileUnreadable(_options.Log, _options.Flow, file.Identity, unreadable);
            }
        }

        return messages;
    }

    private async ValueTask<StoredMessage?> TryReadAsync(FolderFile file, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_identities.Contains(file.Identity))
            {
                return null;
            }
        }

        var key = Encoding.UTF8.GetBytes(file.Identity);
        var stored = await _options.Broker.ReadStateAsync(_options.Store, 0, key, cancellationToken);
        var done = stored is { } value ? FileMark.Read(value) : null;
        var info = new FileInfo(file.Path);
        if (!info.Exists || done?.Matches(info) == true || !IsStable(info))
        {
            return null;
        }

        if (info.Length > FileBytesMax)
        {
            Log.FileTooLarge(_options.Log, _options.Flow, file.Identity, info.Length, FileBytesMax);
            return null;
        }

        var content = await File.ReadAllBytesAsync(file.Path, cancellationToken);
        var mark = FileMark.Of(info, content);
        return done is not null && done.Hash == mark.Hash ? null : Take(file, content, mark);
    }

    /// <summary>A Maildir's files appear whole; any other must have rested. A time ahead of the clock counts as rest too.</summary>
    private bool IsStable(FileInfo file)
    {
        if (_scan.IsMaildir || (_options.Time.GetUtcNow().UtcDateTime - file.LastWriteTimeUtc).Duration() >= StableFor)
        {
            return true;
        }

        _unstable = true;
        return false;
    }

    private StoredMessage Take(FolderFile file, byte[] content, FileMark mark)
    {
        var id = MaildirIds.Of(_options.Flow, file.Identity, mark.Hash);
        var message = new Message
        {
            Id = id,
            Source = "/maildir/" + Uri.EscapeDataString(_options.Flow),
            ContentType = "message/rfc822",
            Headers = IncomingTrace.With([new Header("tl-file", file.Identity)], content),
            Payload = content,
        };
        lock (_lock)
        {
            _identities.Add(file.Identity);
            _taken.Add(_next, (file.Identity, mark));
            return new StoredMessage(message, new Position(0, _next++), _options.Time.GetUtcNow());
        }
    }
}
