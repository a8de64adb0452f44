using Trunkline.Messaging;
using Trunkline.Server.Flows.Delays;
using Trunkline.Server.State;

namespace Trunkline.Server.Flows;

/// <summary>
/// The keys of a lane group whose order must be kept by waiting: one of their messages is on its way, the later ones follow it.
/// Empty as long as steps answer at once. Belongs to the group's loop, but for <see cref="HeldBack"/>.
/// </summary>
internal sealed class HeldKeys
{
    private readonly Dictionary<MessageKey, HeldMessage> _heads = [];
    private readonly HashSet<HeldMessage> _retrying = [];
    private int _heldBack;

    /// <summary>Messages waiting for a next try, or behind another of their key.</summary>
    public int HeldBack => Volatile.Read(ref _heldBack);

    /// <summary>Queues the message behind its key if that is held.</summary>
    public bool TryFollow(PartitionWork work, StoredMessage message, StateVisit? visit)
    {
        if (_heads.Count == 0 || message.Message.Key is not { } key || !_heads.TryGetValue(key, out var head))
        {
            return false;
        }

        Follow(head, new HeldMessage(work, message) { Visit = visit });
        return true;
    }

    /// <summary>The message goes behind its key, or, if that is free, holds it without having begun; true in the second case.</summary>
    public bool TryHold(HeldMessage held)
    {
        if (held.Message.Message.Key is not { } key || _heads.TryAdd(key, held))
        {
            return true;
        }

        Follow(_heads[key], held);
        return false;
    }

    private void Follow(HeldMessage head, HeldMessage held)
    {
        (head.Followers ??= new Queue<HeldMessage>()).Enqueue(held);
        Count(held, 1);
    }

    /// <summary>What the source did not deliver is not in flight, and so is not waited for either.</summary>
    private void Count(HeldMessage held, int by)
    {
        if (held.IsInFlight)
        {
            Interlocked.Add(ref _heldBack, by);
        }
    }

    /// <summary>The message, whose key is free, keeps it until released.</summary>
    public HeldMessage Hold(PartitionWork work, StoredMessage message, RevisionLanes lanes, (PastTries? Past, StateVisit? Visit) about)
    {
        var held = new HeldMessage(work, message)
        {
            Lanes = lanes,
            Visit = about.Visit,
            Attempt = (about.Past?.Attempts ?? 0) + 1,
            FirstFailedAt = about.Past?.FirstFailedAt,
        };
        lanes.Uses++;
        if (message.Message.Key is { } key)
        {
            _heads.Add(key, held);
        }

        return held;
    }

    /// <summary>The message, whose key is free, waits to be parked until there is room.</summary>
    public HeldMessage HoldUnbegun(PartitionWork work, StoredMessage message)
    {
        var held = new HeldMessage(work, message);
        if (message.Message.Key is { } key)
        {
            _heads.Add(key, held);
        }

        return held;
    }

    /// <summary>The message waits for its next try.</summary>
    public void BeginWait(HeldMessage held)
    {
        _retrying.Add(held);
        Count(held, 1);
    }

    /// <summary>The wait is over.</summary>
    public void EndWait(HeldMessage held)
    {
        held.Timer?.Dispose();
        held.Timer = null;
        _retrying.Remove(held);
        Count(held, -1);
    }

    /// <summary>The message is through: gives the next of its key, whose turn it is, or null.</summary>
    public HeldMessage? Release(HeldMessage held)
    {
        held.Lanes?.Release();
        if (held.Release is not null || held.Message.Message.Key is not { } key)
        {
            return null;
        }

        if (held.Followers is not { Count: > 0 } followers)
        {
            _heads.Remove(key);
            return null;
        }

        var next = followers.Dequeue();
        Count(next, -1);
        next.Followers = followers;
        _heads[key] = next;
        return next;
    }

    /// <summary>Ends all waits for good.</summary>
    public void Close()
    {
        foreach (var held in _retrying)
        {
            held.Timer?.Dispose();
        }
    }
}
