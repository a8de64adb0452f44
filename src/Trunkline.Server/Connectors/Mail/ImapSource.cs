using System.Globalization;
using System.Security.Cryptography;
using Trunkline.Mail.Imap;
using Trunkline.Mail.Servers;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Consuming;
using Trunkline.Server.Configuration;

namespace Trunkline.Server.Connectors.Mail;

/// <summary>
/// A folder of an IMAP account as source: each mail once. The position (UIDVALIDITY and UIDs) is state, written in the unit that holds what
/// became of the mails, with a mark for each mail's content (<see cref="ImapMarks"/>); after a new UIDVALIDITY, mails with a mark are passed over. Flags follow the
/// unit. Whatever the server does, the source tries again: it never ends by itself. Partition 0.
/// </summary>
/// <param name="options">What it is made of.</param>
/// <param name="config">As configured.</param>
/// <param name="server">The server to connect to.</param>
/// <param name="jitter">0 ≤ x &lt; 1.</param>
internal sealed class ImapSource(MailSourceOptions options, ImapSourceConfig config, MailServer server, Func<double> jitter) : IFlowSource
{
    private const int BatchMails = 256;

    private static readonly byte[] PositionKey = "position"u8.ToArray();
    private static readonly TimeSpan WaitMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LoginWait = TimeSpan.FromMinutes(1);

    // A server that is back is found as soon as a new mail would be.
    private readonly TimeSpan _waitMax = TimeSpan.FromTicks(Math.Clamp(config.Poll.Ticks, WaitMin.Ticks, TimeSpan.FromMinutes(1).Ticks));

    private readonly Lock _lock = new();
    private readonly Dictionary<long, byte[]> _taken = [];
    private readonly ImapFlags _flags = new(options, config.Flag);
    private readonly ImapMarks _marks = new(options);
    private readonly Queue<uint> _found = new();
    private readonly ChangeSignal _resumed = new();
    private readonly ChangeSignal _settled = new();
    private ImapMailbox? _mailbox;
    private ImapPosition _position = ImapPosition.None;
    private CancellationTokenSource? _wake;
    private TimeSpan _wait = WaitMin;
    private volatile string? _trouble;
    private volatile bool _paused;
    private bool _assigned;
    private uint _lookFrom = 1;
    private readonly ImapSuspect _suspect = new();

    public string Topic => config.Origin(options.Flow);

    public FencingToken? Fence => null;

    public DedupeMode Dedupe => DedupeMode.None;

    public string? Trouble => _trouble;

    public async ValueTask<SubscriptionEvent> ReceiveAsync(int maxMessages, CancellationToken cancellationToken)
    {
        if (!_assigned)
        {
            var stored = await options.Broker.ReadStateAsync(options.Store, 0, PositionKey, cancellationToken);
            (_position, _assigned) = (stored is { } value ? ImapPosition.Read(value) : ImapPosition.None, true);
            return new SubscriptionEvent.Assigned([new PartitionAssignment(0, _position.Progress)]);
        }

        while (true)
        {
            var resumed = _resumed.Next;
            if (_paused)
            {
                await resumed.WaitAsync(cancellationToken);
                continue;
            }

            try
            {
                var mailbox = _mailbox ??= await OpenAsync(cancellationToken);
                await _flags.SetAsync(mailbox, cancellationToken);
                if (_found.Count == 0)
                {
                    await FindAsync(mailbox, cancellationToken);
                    (_trouble, _wait) = (null, WaitMin);
                }

                if (await ReadAsync(mailbox, maxMessages, cancellationToken) is { Count: > 0 } messages)
                {
                    return new SubscriptionEvent.Delivered(0, messages);
                }

                if (_found.Count == 0)
                {
                    await SweepAsync(mailbox, cancellationToken);
                    await WaitAsync(mailbox, cancellationToken);
                }
            }
            catch (MailServerException failed)
            {
                await CloseAsync();
                await FailedAsync(failed, cancellationToken);
            }
        }
    }

    public void Pause(int partition)
    {
        _paused = true;
        Wake();
    }

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
                unit.State.Add(_marks.Write(_taken[message.Offset], message.Offset));
            }

            var unflagged = _flags.Lowest is { } uid ? _position.Offset(uid) : long.MaxValue;
            var flagFrom = Math.Min(progress.Next, _flags.AreSet ? Math.Min(unflagged, completed.Count > 0 ? completed.Min(m => m.Offset) : long.MaxValue) : long.MaxValue);
            unit.State.Add(new StateWrite(options.Store, 0, PositionKey, (_position with { Progress = progress, FlagFrom = flagFrom }).Write()));
        }
    }

    public void Committed(int partition, IReadOnlyList<CompletedMessage> completed)
    {
        lock (_lock)
        {
            foreach (var message in completed)
            {
                _taken.Remove(message.Offset);
                if (message.Offset >= _position.Offset(0))
                {
                    _flags.Add((uint)(message.Offset - _position.Offset(0)));
                }
            }
        }

        _settled.Set();
        Wake();
    }

    public async ValueTask DisposeAsync()
    {
        if (_mailbox is { } mailbox)
        {
            try
            {
                using var bounded = new CancellationTokenSource(TimeSpan.FromSeconds(2), options.Time);
                await _flags.SetAsync(mailbox, bounded.Token);
            }
            catch (Exception left) when (left is MailServerException or OperationCanceledException)
            {
                // They are set at the next opening: the position tells from where on.
            }
        }

        await CloseAsync();
    }

    /// <summary>True if no mail is on its way.</summary>
    private bool IsQuiet
    {
        get
        {
            lock (_lock)
            {
                return _taken.Count == 0;
            }
        }
    }

    private async Task<ImapMailbox> OpenAsync(CancellationToken cancellationToken)
    {
        var mailbox = await ImapMailbox.OpenAsync(server, config.Folder, _flags.AreSet, config.MailBytesMax, cancellationToken);
        try
        {
            await SetPositionAsync(mailbox, cancellationToken);
            return mailbox;
        }
        catch
        {
            await mailbox.DisposeAsync();
            throw;
        }
    }

    private async Task SetPositionAsync(ImapMailbox mailbox, CancellationToken cancellationToken)
    {
        _found.Clear();
        if (_position.Epoch > 0 && _position.Validity == mailbox.UidValidity)
        {
            _lookFrom = Math.Max(_lookFrom, _position.NextUid);
            if (_flags.AreSet && _position.FlagFrom < long.MaxValue)
            {
                await FindUnflaggedAsync(mailbox, cancellationToken);
            }

            return;
        }

        // What was read under the older UIDs is through before the newer begin: only then a mark tells that a mail is known.
        for (var settled = _settled.Next; !IsQuiet; settled = _settled.Next)
        {
            _trouble = "the mailbox has a new UIDVALIDITY; it is read once the mails read before are through";
            await settled.WaitAsync(cancellationToken);
        }

        var isFirst = _position.Epoch == 0;
        var there = isFirst ? [] : await mailbox.FindAsync(1, cancellationToken);
        var last = there.Count > 0 ? there[^1] : 0;
        lock (_lock)
        {
            _flags.Clear();
            var epoch = _position.Epoch + 1;
            _position = _position with { Epoch = epoch, Validity = mailbox.UidValidity, KnownUntil = last, FlagFrom = ImapPosition.Offset(epoch, 1) };
        }

        _lookFrom = 1;
        if (!isFirst)
        {
            Log.MailboxRenewed(options.Log, options.Flow, last);
        }
    }

    /// <summary>Mails that are through, but were perhaps not marked before the last end.</summary>
    private async Task FindUnflaggedAsync(ImapMailbox mailbox, CancellationToken cancellationToken)
    {
        var from = (uint)Math.Clamp(_position.FlagFrom - _position.Offset(0), 1, uint.MaxValue);
        foreach (var uid in await mailbox.FindAsync(from, cancellationToken))
        {
            if (_position.Progress.IsCompleted(_position.Offset(uid)))
            {
                _flags.Add(uid);
            }
        }

        _position = _position with { FlagFrom = long.MaxValue };
    }

    private async Task FindAsync(ImapMailbox mailbox, CancellationToken cancellationToken)
    {
        foreach (var uid in await mailbox.FindAsync(_lookFrom, cancellationToken))
        {
            if (!_position.Progress.IsCompleted(_position.Offset(uid)))
            {
                _found.Enqueue(uid);
            }
        }
    }

    /// <summary>The next mails; empty if all found were passed over.</summary>
    private async Task<List<StoredMessage>> ReadAsync(ImapMailbox mailbox, int maxMessages, CancellationToken cancellationToken)
    {
        var messages = new List<StoredMessage>();
        var wanted = _found.Take(_suspect.OneByOne ? 1 : Math.Min(maxMessages, BatchMails)).ToArray();
        if (wanted.Length == 0)
        {
            return messages;
        }

        try
        {
            var sizes = await mailbox.SizesAsync(wanted, cancellationToken);
            var batch = ImapBatch.Of(wanted, sizes, config.MailBytesMax);
            var mails = batch.Uids.Count == 0 ? new Dictionary<uint, ReadOnlyMemory<byte>>() : await mailbox.ReadAsync(batch.Uids, batch.Bytes, cancellationToken);
            var missing = batch.Gone.Concat(batch.Uids.Where(uid => !mails.ContainsKey(uid))).ToHashSet();
            if (missing.Count > 0 && (await mailbox.FindAsync(missing.Min(), cancellationToken)).Any(missing.Contains))
            {
                throw new MailServerException(MailServerFailure.Garbage, $"{server} does not give a mail it has");
            }

            foreach (var (uid, bytes) in batch.Large)
            {
                Log.MailTooLarge(options.Log, options.Flow, uid, bytes, config.MailBytesMax);
            }

            foreach (var uid in batch.Uids.Where(mails.ContainsKey))
            {
                if (await TakeAsync(uid, mails[uid], cancellationToken) is { } message)
                {
                    messages.Add(message);
                }
            }

            await _marks.SaveAsync(cancellationToken);
            Passed(batch.Count);
            _suspect.Passed();
        }
        catch (MailServerException failed)
        {
            if (_suspect.Failed(wanted, failed) is { } given)
            {
                Log.MailNotGiven(options.Log, options.Flow, given, ImapSuspect.TriesMax);
                _lookFrom = given < uint.MaxValue ? given + 1 : given;
            }

            throw;
        }

        return messages;
    }

    private void Passed(int count)
    {
        for (; count > 0; count--)
        {
            _lookFrom = _found.Dequeue() is var uid && uid < uint.MaxValue ? uid + 1 : uid;
        }
    }

    /// <summary>Null for a mail that is known from before the UIDs changed.</summary>
    private async ValueTask<StoredMessage?> TakeAsync(uint uid, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var hash = SHA256.HashData(content.Span);
        if (uid <= _position.KnownUntil && await _marks.IsKnownAsync(hash, _position.Offset(uid), cancellationToken))
        {
            _flags.Add(uid);
            return null;
        }

        var place = string.Create(CultureInfo.InvariantCulture, $"{_position.Validity}/{uid}");
        var message = ImapMessage.Of(options.Flow, server, config.Folder, place, content);
        lock (_lock)
        {
            _taken.Add(_position.Offset(uid), hash);
        }

        return new StoredMessage(message, new Position(0, _position.Offset(uid)), options.Time.GetUtcNow());
    }

    /// <summary>Now and then, all mails read and none on its way: marks of mails that have been gone for long go too.</summary>
    private async Task SweepAsync(ImapMailbox mailbox, CancellationToken cancellationToken)
    {
        // Only this reader adds to what is on its way.
        if (_marks.IsDue && IsQuiet)
        {
            await _marks.SweepAsync((await mailbox.FindAsync(1, cancellationToken)).Select(_position.Offset).ToHashSet(), cancellationToken);
        }
    }

    private async Task WaitAsync(ImapMailbox mailbox, CancellationToken cancellationToken)
    {
        using var wake = new CancellationTokenSource();
        bool isWanted;
        lock (_lock)
        {
            _wake = wake;
            isWanted = _flags.Any || _paused;
        }

        try
        {
            if (!isWanted)
            {
                await mailbox.WaitAsync(config.Poll, wake.Token, cancellationToken);
            }
        }
        finally
        {
            lock (_lock)
            {
                _wake = null;
            }
        }
    }

    private void Wake()
    {
        lock (_lock)
        {
            _wake?.Cancel();
        }
    }

    private async Task FailedAsync(MailServerException failed, CancellationToken cancellationToken)
    {
        // Many accounts are locked after some wrong passwords in a short time.
        var wait = (failed.Failure == MailServerFailure.LoginRefused ? LoginWait : _wait) * (0.75 + (jitter() / 2));
        Log.MailboxFailed(options.Log, options.Flow, failed.Message, wait, failed);
        (_trouble, _wait) = (failed.Message, _wait * 2 < _waitMax ? _wait * 2 : _waitMax);
        await Task.Delay(wait, options.Time, cancellationToken);
    }

    private async Task CloseAsync()
    {
        if (_mailbox is { } mailbox)
        {
            _mailbox = null;
            await mailbox.DisposeAsync();
        }
    }
}
