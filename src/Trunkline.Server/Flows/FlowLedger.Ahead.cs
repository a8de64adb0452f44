using Trunkline.Messaging;
using Trunkline.Server.Connectors;
using Trunkline.Server.Flows.Tenants;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Flows;

/// <summary>
/// Shares of tenants: half of what a flow may have in hand is divided among the tenants that have something in it. Who has its share is
/// passed over and read again when it has room, so that the messages of others are reached however many stand before them.
/// </summary>
internal sealed partial class FlowLedger
{
    private readonly TenantHands _tenants = new();

    /// <summary>Everything of the partition that a key waits for, up to this offset, is delivered.</summary>
    public long DeliveredUntil(PartitionWork work, MessageKey key)
    {
        lock (_lock)
        {
            return work.Ahead is { } ahead && ahead.Holds(key) ? Math.Min(ahead.Lowest!.Value, work.DeliveredUntil) : work.DeliveredUntil;
        }
    }

    /// <summary>What may be read again now: of each line as much as its tenant has room for.</summary>
    public List<PassedTurn> Turns()
    {
        lock (_lock)
        {
            var turns = new List<PassedTurn>();
            if (_held || IsFull)
            {
                return turns;
            }

            foreach (var work in _partitions.Values)
            {
                if (work.Ahead is { Lines.Count: > 0 } ahead && work.IsOwned && work.InFlight < limits.PartitionInFlightMax)
                {
                    turns.AddRange(ahead.Lines.Select(line => new PassedTurn(work, line, line.Next, line.Until, RoomOf(work, line))).Where(turn => turn.Room > 0));
                }
            }

            return turns;
        }
    }

    /// <summary>Takes what was read for a turn into the books; what to begin, in order.</summary>
    public IReadOnlyList<StoredMessage> TakeBack(in PassedTurn turn, IReadOnlyList<StoredMessage> read)
    {
        lock (_lock)
        {
            var work = turn.Work;
            if (_held || !work.IsOwned)
            {
                return [];
            }

            var (taken, gone) = work.Ahead!.TakeBack(turn.Line, read, read.Count == 0 ? turn.Until : -1, turn.Room);
            foreach (var message in taken)
            {
                Count(work, message.Message, MessageShare.TenantOf(message.Message));
            }

            Counters.In += taken.Count;
            if (gone.Count > 0)
            {
                gone.ForEach(offset => work.Tracker.Complete(offset));
                GatherOf(work);
                _signal.Writer.TryWrite(true);
            }

            Throttle(work);
            return taken;
        }
    }

    /// <summary>Books what was delivered; what to begin of it, in order.</summary>
    private IReadOnlyList<StoredMessage> Choose(PartitionWork work, IReadOnlyList<StoredMessage> delivered)
    {
        var taken = default(List<StoredMessage>);
        for (var i = 0; i < delivered.Count; i++)
        {
            var message = delivered[i].Message;
            var tenant = work.Ahead is null ? "" : MessageShare.TenantOf(message);
            work.Tracker.Deliver(delivered[i].Position.Offset);
            if (work.Ahead is { } ahead && IsPassed(work, ahead, message, tenant))
            {
                taken ??= [.. delivered.Take(i)];
                ahead.Pass(delivered[i], tenant);
            }
            else
            {
                Count(work, message, tenant);
                taken?.Add(delivered[i]);
            }
        }

        return taken ?? delivered;
    }

    private bool IsPassed(PartitionWork work, ReadAhead ahead, Message message, string tenant)
    {
        ahead.Meet(tenant);
        return ahead.MustFollow(message, tenant) || (ahead.CanPass && IsHalfFull(work) && RoomOf(work, tenant, out _) <= 0);
    }

    private void Count(PartitionWork work, Message message, string tenant)
    {
        var bytes = MessageSize.Of(message);
        work.InFlight++;
        work.InFlightBytes += bytes;
        _inFlight++;
        _inFlightBytes += bytes;
        if (work.Ahead is not null)
        {
            work.Hands.Add(tenant, bytes);
            _tenants.Add(tenant, bytes);
        }
    }

    private void Uncount(PartitionWork work, in CompletedMessage message)
    {
        if (work.Ahead is not null)
        {
            var hand = new Hand(1, message.Bytes);
            work.Hands.Remove(message.Tenant, hand);
            _tenants.Remove(message.Tenant, hand);
        }
    }

    private bool IsHalfFull(PartitionWork work) =>
        work.InFlight >= limits.PartitionInFlightMax / 2 || _inFlight >= limits.InFlightMessagesMax / 2 || _inFlightBytes >= limits.InFlightBytesMax / 2;

    private int RoomOf(PartitionWork work, PassedLine line)
    {
        if (line.IsShared)
        {
            // Whose they are is not known before they are read: they come when there is room for anybody's.
            return IsHalfFull(work) ? 0 : limits.DeliveryMessagesMax;
        }

        // A few at a time are not worth a read.
        var room = RoomOf(work, line.Tenant, out var share);
        return room >= Math.Max(1, share / 4) ? Math.Min(room, limits.DeliveryMessagesMax) : 0;
    }

    private int RoomOf(PartitionWork work, string tenant, out int share)
    {
        var hand = _tenants.Of(tenant);
        var sharers = 2 * (_tenants.Count + (hand.Messages == 0 ? 1 : 0));
        share = Math.Max(1, Math.Min(limits.InFlightMessagesMax, limits.PartitionInFlightMax) / sharers);
        return hand.Bytes > 0 && hand.Bytes >= limits.InFlightBytesMax / sharers
            ? 0
            : Math.Min(Math.Max(1, limits.InFlightMessagesMax / sharers) - hand.Messages, share - work.Hands.Of(tenant).Messages);
    }
}
