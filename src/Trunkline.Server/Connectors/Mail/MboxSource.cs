using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using Trunkline.Mail.Mbox;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Consuming;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Connectors.Mail;

/// <summary>
/// An mbox file as source: each mail once, also those appended later. The offset of a message is the byte its mail begins at; the position is
/// state, written in the unit that holds what became of the mails, with a hash of the bytes before it: a file that was changed there is not
/// gone on with, because its mails could be taken twice, or missed. Partition 0.
/// </summary>
internal sealed class MboxSource(MailSourceOptions options, string path) : IFlowSource
{
    /// <summary>The largest mail taken; a larger one is passed over, and reported.</summary>
    public const int MailBytesMax = 64 * 1024 * 1024;

    /// <summary>The last mail of the file is whole once nothing changed the file for this long.</summary>
    public static readonly TimeSpan StableFor = TimeSpan.FromSeconds(2);

    private const byte Version = 1;
    private const int CheckedBytes = 4096;
    private const int FixedBytes = 1 + 8 + 32 + 4;
    private const long BatchBytes = 4L * 1024 * 1024;

    private static readonly byte[] PositionKey = "position"u8.ToArray();
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly ChangeSignal _resumed = new();
    private volatile bool _paused;
    private volatile string? _trouble;
    private readonly Lock _lock = new();

    // Where the mails delivered and not committed begin, and where the next would: each with the hash of the bytes before it.
    private readonly SortedList<long, byte[]> _open = [];
    private Progress? _from;
    private (long At, byte[] Hash) _next = (0, SHA256.HashData([]));

    public string Topic => "mbox:" + options.Flow;

    public FencingToken? Fence => null;

    public DedupeMode Dedupe => DedupeMode.None;

    public string? Trouble => _trouble;

    public async ValueTask<SubscriptionEvent> ReceiveAsync(int maxMessages, CancellationToken cancellationToken)
    {
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
                if (_from is null)
                {
                    _from = await ReadPositionAsync(cancellationToken);
                    return new SubscriptionEvent.Assigned([new PartitionAssignment(0, _from)]);
                }

                if (await ReadAsync(maxMessages, cancellationToken) is { Count: > 0 } messages)
                {
                    _trouble = null;
                    return new SubscriptionEvent.Delivered(0, messages);
                }
            }
            catch (Exception unusable) when (unusable is IOException or InvalidDataException or UnauthorizedAccessException)
            {
                Failed(unusable is InvalidDataException ? unusable.Message : "the file cannot be read");
            }

            await Task.Delay(LookEvery, options.Time, cancellationToken);
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
        // The end of what is through, in bytes: where the next mail begins, not the byte after where the last one began.
        var (at, hash) = Begin(progress);
        var above = progress.CompletedAbove.Where(range => range.From > at).ToArray();
        var stored = new byte[FixedBytes + (above.Length * 16)];
        stored[0] = Version;
        BinaryPrimitives.WriteInt64LittleEndian(stored.AsSpan(1), at);
        hash.CopyTo(stored.AsSpan(9));
        BinaryPrimitives.WriteInt32LittleEndian(stored.AsSpan(41), above.Length);
        for (var i = 0; i < above.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(stored.AsSpan(FixedBytes + (i * 16)), above[i].From);
            BinaryPrimitives.WriteInt64LittleEndian(stored.AsSpan(FixedBytes + (i * 16) + 8), above[i].Until);
        }

        unit.State.Add(new StateWrite(options.Store, 0, PositionKey, stored));
    }

    public void Committed(int partition, IReadOnlyList<CompletedMessage> completed)
    {
        lock (_lock)
        {
            foreach (var message in completed)
            {
                _open.Remove(message.Offset);
            }
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task<Progress> ReadPositionAsync(CancellationToken cancellationToken)
    {
        if (await options.Broker.ReadStateAsync(options.Store, 0, PositionKey, cancellationToken) is not { } stored)
        {
            return Progress.At(0);
        }

        var span = stored.Span;
        var count = span.Length >= FixedBytes && span[0] == Version ? BinaryPrimitives.ReadInt32LittleEndian(span[41..]) : -1;
        if (count < 0 || span.Length != FixedBytes + ((long)count * 16))
        {
            throw new InvalidDataException("the stored position cannot be read: it is of another version, or damaged");
        }

        _next = (BinaryPrimitives.ReadInt64LittleEndian(span[1..]), span.Slice(9, 32).ToArray());
        var above = new OffsetRange[count];
        for (var i = 0; i < count; i++)
        {
            var at = span[(FixedBytes + (i * 16))..];
            above[i] = new OffsetRange(BinaryPrimitives.ReadInt64LittleEndian(at), BinaryPrimitives.ReadInt64LittleEndian(at[8..]));
        }

        return new Progress(_next.At, above);
    }

    private async Task<List<StoredMessage>> ReadAsync(int maxMessages, CancellationToken cancellationToken)
    {
        var messages = new List<StoredMessage>();
        var info = new FileInfo(path);
        if (!info.Exists || info.Length == 0)
        {
            return messages;
        }

        var isStable = (options.Time.GetUtcNow().UtcDateTime - info.LastWriteTimeUtc).Duration() >= StableFor;
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (!HashBefore(file, _next.At).AsSpan().SequenceEqual(_next.Hash))
        {
            throw new InvalidDataException(string.Create(
                CultureInfo.InvariantCulture, $"the file is not the one that was read up to byte {_next.At}: put it back, or give the new one to a flow of another name"));
        }

        file.Position = _next.At;
        var reader = new MboxReader(file, _next.At, MailBytesMax);
        for (var bytes = 0L; messages.Count < maxMessages && bytes < BatchBytes && await reader.ReadAsync(isStable, cancellationToken) is { } mail;)
        {
            if (mail.Content is null)
            {
                Log.MboxMailTooLarge(options.Log, options.Flow, mail.Start, MailBytesMax);
            }
            else if (!_from!.IsCompleted(mail.Start))
            {
                messages.Add(Message(mail.Start, mail.Content));
                bytes += mail.Content.Length;
            }

            lock (_lock)
            {
                if (messages.Count > 0 && messages[^1].Position.Offset == mail.Start)
                {
                    _open.Add(mail.Start, _next.Hash);
                }

                _next = (mail.End, HashBefore(file, mail.End));
            }
        }

        return messages;
    }

    /// <summary>Where to go on from: the first mail that is not through, or the end of all that were read.</summary>
    private (long At, byte[] Hash) Begin(Progress progress)
    {
        lock (_lock)
        {
            foreach (var (start, hash) in _open)
            {
                if (start >= progress.Next)
                {
                    return (start, hash);
                }
            }

            return _next;
        }
    }

    private StoredMessage Message(long start, byte[] content)
    {
        var place = start.ToString(CultureInfo.InvariantCulture);
        var message = new Message
        {
            Id = new MessageId("mbox-" + StableId.Of(options.Flow, place, Convert.ToHexStringLower(SHA256.HashData(content)))),
            Source = "/mbox/" + Uri.EscapeDataString(options.Flow),
            ContentType = "message/rfc822",
            Headers = IncomingTrace.With([new Header(MailHeaders.Position, place)], content),
            Payload = content,
        };
        return new StoredMessage(message, new Position(0, start), options.Time.GetUtcNow());
    }

    /// <summary>Of the last bytes before the position, as far as the file reaches.</summary>
    private static byte[] HashBefore(FileStream file, long position)
    {
        var bytes = new byte[(int)Math.Min(position, CheckedBytes)];
        var read = 0;
        while (read < bytes.Length && RandomAccess.Read(file.SafeFileHandle, bytes.AsSpan(read), position - bytes.Length + read) is > 0 and var more)
        {
            read += more;
        }

        return SHA256.HashData(bytes.AsSpan(0, read));
    }

    private void Failed(string reason)
    {
        if (_trouble != reason)
        {
            _trouble = reason;
            Log.MboxFailed(options.Log, options.Flow, reason);
        }
    }
}
