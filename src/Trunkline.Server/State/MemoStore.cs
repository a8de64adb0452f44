using System.Buffers.Binary;
using System.Text;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Server.State;

/// <summary>
/// Answers of models remembered beside the states of one partition, durable before they are used, so that a message that fails after the
/// call, or a process that dies, does not ask again. Read from the store each time: a call to a model costs more. Thread-safe.
/// </summary>
/// <param name="broker">Keeps them.</param>
/// <param name="store">The flow's store.</param>
/// <param name="partition">The partition they follow.</param>
/// <param name="time">The clock they expire by.</param>
internal sealed class MemoStore(IBroker broker, string store, int partition, TimeProvider time)
{
    /// <summary>The largest answer that is remembered, in bytes; a larger one is asked for again.</summary>
    public const int AnswerBytesMax = 1024 * 1024;

    /// <summary>Expired answers removed in one unit.</summary>
    public const int SweptMax = 1000;

    private const byte Version = 1;
    private const int HeadBytes = 1 + sizeof(long);
    private static readonly byte[] Mark = [Version];
    private static readonly byte[] Prefix = Encoding.ASCII.GetBytes("memo/");
    private static readonly byte[] DuePrefix = Encoding.ASCII.GetBytes("memo-due/");

    /// <summary>What all entries of remembered answers begin with.</summary>
    public static IReadOnlyList<byte[]> Prefixes { get; } = [Prefix, DuePrefix];

    private volatile bool _isUsed = true;

    /// <summary>Told when something is remembered after nothing was.</summary>
    public Action? FirstUsed { get; init; }

    /// <summary>False once a sweep found that nothing is remembered.</summary>
    public bool IsUsed => _isUsed;

    /// <summary>The answer remembered under a key; null if there is none, or it has expired.</summary>
    public async ValueTask<ReadOnlyMemory<byte>?> FindAsync(byte[] key, CancellationToken cancellationToken)
    {
        if (await broker.ReadStateAsync(store, partition, EntryOf(key), cancellationToken).ConfigureAwait(false) is not { } stored)
        {
            return null;
        }

        if (stored.Length < HeadBytes || stored.Span[0] != Version)
        {
            throw new BrokerException(BrokerErrorCode.StoreDamaged, "a remembered answer is not of a known format; a newer version may have written it");
        }

        return BinaryPrimitives.ReadInt64BigEndian(stored.Span[1..]) > time.GetUtcNow().UtcTicks
            ? stored[HeadBytes..]
            : default(ReadOnlyMemory<byte>?);
    }

    /// <summary>Remembers an answer; durable when it returns. One that is too large is not remembered.</summary>
    public async ValueTask RememberAsync(byte[] key, ReadOnlyMemory<byte> answer, TimeSpan keep, CancellationToken cancellationToken)
    {
        if (answer.Length > AnswerBytesMax)
        {
            return;
        }

        var stored = new byte[HeadBytes + answer.Length];
        stored[0] = Version;
        BinaryPrimitives.WriteInt64BigEndian(stored.AsSpan(1), (time.GetUtcNow() + keep).UtcTicks);
        answer.Span.CopyTo(stored.AsSpan(HeadBytes));
        if (!_isUsed)
        {
            _isUsed = true;
            FirstUsed?.Invoke();
        }

        byte[] due = [.. DuePrefix, .. stored.AsSpan(1, sizeof(long)), .. key];
        await broker.CommitAsync(new CommitUnit { State = [Write(EntryOf(key), stored), Write(due, Mark)] }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Removes what has expired, the longest expired first; true if there may be more.</summary>
    public async ValueTask<bool> SweepAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcTicks;
        var writes = new List<StateWrite>();
        var left = false;

        // Set before the look: what is remembered meanwhile sets it again.
        _isUsed = false;
        await foreach (var entry in broker.ScanStateAsync(store, partition, DuePrefix, cancellationToken).ConfigureAwait(false))
        {
            var rest = entry.Key[DuePrefix.Length..];
            if (BinaryPrimitives.ReadInt64BigEndian(rest.Span) > now || writes.Count >= SweptMax * 2)
            {
                left = true;
                break;
            }

            writes.Add(Write(entry.Key, null));
            var key = rest[sizeof(long)..].ToArray();

            // It may have been remembered anew since: then a later entry stands for it.
            if (await FindAsync(key, cancellationToken).ConfigureAwait(false) is null)
            {
                writes.Add(Write(EntryOf(key), null));
            }
        }

        if (writes.Count > 0)
        {
            await broker.CommitAsync(new CommitUnit { State = writes }, cancellationToken).ConfigureAwait(false);
        }

        _isUsed |= left;
        return writes.Count >= SweptMax;
    }

    private static byte[] EntryOf(byte[] key) => [.. Prefix, .. key];

    private StateWrite Write(ReadOnlyMemory<byte> key, byte[]? value) => new(store, partition, key, value is null ? null : (ReadOnlyMemory<byte>?)value);
}
