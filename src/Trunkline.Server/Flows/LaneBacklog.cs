using Trunkline.Core.Limits;
using Trunkline.Messaging;
using Trunkline.Server.Flows.Tenants;
using Trunkline.Server.State;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Flows;

/// <summary>
/// Messages of a lane group that have not begun. As long as lanes are free they come as they came; once some had to wait for a lane,
/// tenants get theirs in turn, however much each has waiting, until nobody waits; one that has its share of the lanes is passed over
/// until it gives one back. What a flow has in flight bounds it. Belongs to the group's loop.
/// </summary>
/// <param name="shares">The lanes tenants hold.</param>
internal sealed class LaneBacklog(LaneShares shares)
{
    private readonly Queue<LaneBatch> _batches = new();
    private readonly FairQueue<WaitingMessage> _fair = new(int.MaxValue);
    private readonly Dictionary<MessageKey, (WorkShare Share, int Waiting)> _keys = [];
    private readonly Func<string, bool> _isOver = shares.IsOver;
    private readonly LaneShares _shares = shares;
    private WaitingMessage? _head;

    public void Add(LaneBatch batch)
    {
        if (_fair.Count == 0 && _head is null)
        {
            _batches.Enqueue(batch);
        }
        else
        {
            AddFairly(batch);
        }
    }

    /// <summary>What is next, null if nothing is; it stays so until <see cref="Advance"/>.</summary>
    public WaitingMessage? Peek()
    {
        if (_head is null && _fair.Count > 0 && _fair.TryDequeue(_isOver, out var turn))
        {
            _head = turn;
        }

        while (_head is null && _batches.TryPeek(out var batch))
        {
            if (!batch.IsEmpty)
            {
                return new WaitingMessage(batch.Work, batch.Head, batch.Visit);
            }

            _batches.Dequeue();
        }

        return _head;
    }

    /// <summary>What was next has begun, or waits elsewhere.</summary>
    public void Advance()
    {
        if (_head is not { Message: var message })
        {
            _batches.Peek().Advance();
            return;
        }

        _head = null;
        if (message.Message.Key is { } key && _keys.Remove(key, out var waiting) && waiting.Waiting > 1)
        {
            _keys[key] = waiting with { Waiting = waiting.Waiting - 1 };
        }
    }

    /// <summary>Whose line a message waits in: its own tenant's, or that of the first of its key that waits.</summary>
    public string TenantOf(Message message) =>
        message.Key is { } key && _keys.TryGetValue(key, out var known) ? known.Share.Tenant : MessageShare.TenantOf(message);

    /// <summary>True if what is next came as it came, and its tenant has its lanes: from here on it goes by turns, and who is next is to be looked at anew.</summary>
    public bool TakesTurns(in WaitingMessage next)
    {
        if (_head is not null)
        {
            return false;
        }

        var tenant = TenantOf(next.Message.Message);
        _shares.Meet(tenant);
        if (!_shares.IsOver(tenant))
        {
            return false;
        }

        WaitFairly();
        return true;
    }

    /// <summary>No lane is free: who waits gets one by its tenant's turn.</summary>
    public void WaitFairly()
    {
        while (_batches.TryDequeue(out var batch))
        {
            AddFairly(batch);
        }
    }

    private void AddFairly(LaneBatch batch)
    {
        for (; !batch.IsEmpty; batch.Advance())
        {
            var share = ShareOf(batch.Head.Message);
            _shares.Meet(share.Tenant);
            _fair.TryEnqueue(new WaitingMessage(batch.Work, batch.Head, batch.Visit), share);
        }
    }

    /// <summary>A key keeps its order: while messages of it wait, further ones wait in the same line, whatever they say of themselves.</summary>
    private WorkShare ShareOf(Message message)
    {
        if (message.Key is not { } key)
        {
            return MessageShare.Of(message);
        }

        var (share, waiting) = _keys.TryGetValue(key, out var known) ? known : (MessageShare.Of(message), 0);
        _keys[key] = (share, waiting + 1);
        return share;
    }
}

/// <summary>A message that has not begun.</summary>
/// <param name="Work">Its partition.</param>
/// <param name="Message">The message.</param>
/// <param name="Visit">Why the lane turns to its key; null for a message of the source.</param>
internal readonly record struct WaitingMessage(PartitionWork Work, StoredMessage Message, StateVisit? Visit);
