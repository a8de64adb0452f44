using System.Buffers.Binary;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Server.Connectors.Mail;

/// <summary>
/// What is known of mails that are through, by their content: after a new UIDVALIDITY those are passed over. A mark is kept as long as its mail is in
/// the mailbox, and a while longer, in case an older copy of the mailbox is put back. Called by the reader of the source, but for <see cref="Write"/>.
/// </summary>
/// <param name="options">Whose.</param>
internal sealed class ImapMarks(MailSourceOptions options)
{
    /// <summary>How long a mark outlives its mail.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromDays(30);

    private const byte Version = 2;
    private const int StoredBytes = 1 + 8 + 8;
    private const int AtOnce = 1_000;
    private static readonly byte[] Prefix = [.. "mail:"u8];
    private static readonly TimeSpan First = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Every = TimeSpan.FromDays(1);

    private readonly List<StateWrite> _renewed = [];
    private DateTimeOffset? _next;

    /// <summary>Whether it is time to look which marks are still needed.</summary>
    public bool IsDue
    {
        get
        {
            var now = options.Time.GetUtcNow();
            _next ??= now + First;
            return now >= _next;
        }
    }

    /// <summary>The mark of a mail that is through.</summary>
    /// <param name="hash">Of its content.</param>
    /// <param name="offset">Where it is.</param>
    public StateWrite Write(byte[] hash, long offset) => new(options.Store, 0, (byte[])[.. Prefix, .. hash], Value(offset, null));

    /// <summary>True for a mail that is known; its mark moves to where the mail is now.</summary>
    public async ValueTask<bool> IsKnownAsync(byte[] hash, long offset, CancellationToken cancellationToken)
    {
        if (await options.Broker.ReadStateAsync(options.Store, 0, (byte[])[.. Prefix, .. hash], cancellationToken) is null)
        {
            return false;
        }

        _renewed.Add(Write(hash, offset));
        return true;
    }

    /// <summary>Makes durable where known mails are now.</summary>
    public async Task SaveAsync(CancellationToken cancellationToken)
    {
        await CommitAsync(_renewed, cancellationToken);
        _renewed.Clear();
    }

    /// <summary>
    /// Removes marks whose mails have been gone for long. Nothing may be on its way: a mark written meanwhile could be taken for an older one.
    /// </summary>
    /// <param name="present">Offsets of all mails in the mailbox.</param>
    /// <param name="cancellationToken">Ends it; what is left is done the next time.</param>
    /// <returns>How many were removed.</returns>
    public async Task<int> SweepAsync(IReadOnlySet<long> present, CancellationToken cancellationToken)
    {
        var now = options.Time.GetUtcNow();
        var (changes, removed) = (new List<StateWrite>(), 0);
        await foreach (var mark in options.Broker.ScanStateAsync(options.Store, 0, Prefix, cancellationToken))
        {
            // A mark of before marks said where their mail is tells nothing about it: it stays until its mail is met again.
            if (mark.Value.Length != StoredBytes || mark.Value.Span[0] != Version)
            {
                continue;
            }

            var (offset, missing) = Read(mark.Value.Span);
            if (present.Contains(offset) != missing is null)
            {
                changes.Add(new StateWrite(options.Store, 0, mark.Key, Value(offset, missing is null ? now : null)));
            }
            else if (missing is { } since && now - since > KeptFor)
            {
                changes.Add(new StateWrite(options.Store, 0, mark.Key, null));
                removed++;
            }

            if (changes.Count >= AtOnce)
            {
                await CommitAsync(changes, cancellationToken);
                changes.Clear();
            }
        }

        await CommitAsync(changes, cancellationToken);
        _next = now + Every;
        if (removed > 0)
        {
            Log.MarksRemoved(options.Log, options.Flow, removed);
        }

        return removed;
    }

    private async Task CommitAsync(List<StateWrite> writes, CancellationToken cancellationToken)
    {
        if (writes.Count > 0)
        {
            await options.Broker.CommitAsync(new CommitUnit { State = [.. writes] }, cancellationToken);
        }
    }

    private static (long Offset, DateTimeOffset? Missing) Read(ReadOnlySpan<byte> stored) =>
        (BinaryPrimitives.ReadInt64LittleEndian(stored[1..]), BinaryPrimitives.ReadInt64LittleEndian(stored[9..]) is > 0 and var ms ? DateTimeOffset.FromUnixTimeMilliseconds(ms) : null);

    private static byte[] Value(long offset, DateTimeOffset? missing)
    {
        var stored = new byte[StoredBytes];
        stored[0] = Version;
        BinaryPrimitives.WriteInt64LittleEndian(stored.AsSpan(1), offset);
        BinaryPrimitives.WriteInt64LittleEndian(stored.AsSpan(9), missing?.ToUnixTimeMilliseconds() ?? 0);
        return stored;
    }
}
