using System.Buffers.Binary;
using System.Collections.Concurrent;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Server.Connectors.Hooks;

/// <summary>
/// Which webhooks were taken, durable: an entry is written in the unit that holds what became of the message. Kept in parts of six hours, so that
/// what is older than needed can be found and dropped. Thread-safe.
/// </summary>
/// <param name="broker">Where they are kept.</param>
/// <param name="store">The store.</param>
/// <param name="keep">How long.</param>
/// <param name="time">The clock.</param>
internal sealed class SeenHooks(IBroker broker, string store, TimeSpan keep, TimeProvider time)
{
    private const int DroppedPerUnit = 128;
    private const int LookedUpMax = 4096;

    private static readonly TimeSpan Part = TimeSpan.FromHours(6);
    private static readonly byte[] Mark = [1];

    private readonly ConcurrentDictionary<string, byte> _inHand = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private List<ReadOnlyMemory<byte>> _old = [];
    private int _dropping;
    private long _swept = -1;

    /// <summary>Begins with a webhook; false if another request is at it right now.</summary>
    public bool TryBegin(string identity) => _inHand.TryAdd(identity, 0);

    /// <summary>The request is through.</summary>
    public void End(string identity) => _inHand.TryRemove(identity, out _);

    /// <summary>Whether it was taken before.</summary>
    public async ValueTask<bool> IsSeenAsync(string identity, CancellationToken cancellationToken)
    {
        var now = PartOf(time.GetUtcNow());
        await SweepAsync(now, cancellationToken);
        for (var part = now; part >= Oldest(now); part--)
        {
            if (await broker.ReadStateAsync(store, 0, Key(part, identity), cancellationToken) is not null)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Adds webhooks to a unit, and drops some that are old. May be called again for the same unit.</summary>
    public void Record(IEnumerable<string> identities, UnitDraft unit)
    {
        var now = PartOf(time.GetUtcNow());
        foreach (var identity in identities)
        {
            unit.State.Add(new StateWrite(store, 0, Key(now, identity), Mark));
        }

        lock (_lock)
        {
            _dropping = Math.Min(DroppedPerUnit, _old.Count);
            unit.State.AddRange(_old.Take(_dropping).Select(key => new StateWrite(store, 0, key, null)));
        }
    }

    /// <summary>The unit recorded last is durable.</summary>
    public void Committed()
    {
        lock (_lock)
        {
            _old.RemoveRange(0, _dropping);
            _dropping = 0;
        }
    }

    /// <summary>Once per part, and as long as there is more: looks for what is too old.</summary>
    private async ValueTask SweepAsync(long now, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_swept == now || _old.Count > 0)
            {
                return;
            }

            _swept = now;
        }

        var old = new List<ReadOnlyMemory<byte>>();
        await foreach (var entry in broker.ScanStateAsync(store, 0, "h"u8.ToArray(), cancellationToken))
        {
            if (BinaryPrimitives.ReadInt32BigEndian(entry.Key.Span[1..]) >= Oldest(now) || old.Count == LookedUpMax)
            {
                break;
            }

            old.Add(entry.Key);
        }

        lock (_lock)
        {
            _old = old;
            _swept = old.Count == LookedUpMax ? -1 : now;
        }
    }

    private long Oldest(long now) => now - (long)Math.Ceiling(keep / Part);

    private static long PartOf(DateTimeOffset at) => at.UtcTicks / Part.Ticks;

    private static byte[] Key(long part, string identity)
    {
        var key = new byte[1 + 4 + (identity.Length / 2)];
        key[0] = (byte)'h';
        BinaryPrimitives.WriteInt32BigEndian(key.AsSpan(1), (int)part);
        Convert.FromHexString(identity, key.AsSpan(5), out _, out _);
        return key;
    }
}
