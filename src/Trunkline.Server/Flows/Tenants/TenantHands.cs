namespace Trunkline.Server.Flows.Tenants;

/// <summary>What each tenant has in hand: taken and not committed. Guarded by the lock of <see cref="FlowLedger"/>.</summary>
internal sealed class TenantHands
{
    private readonly Dictionary<string, Hand> _hands = new(StringComparer.Ordinal);

    /// <summary>Tenants that have something in hand.</summary>
    public int Count => _hands.Count;

    /// <summary>What a tenant has; nothing if it is not known.</summary>
    public Hand Of(string tenant) => _hands.GetValueOrDefault(tenant);

    /// <summary>Counts a message taken.</summary>
    public void Add(string tenant, int bytes)
    {
        var hand = Of(tenant);
        _hands[tenant] = new Hand(hand.Messages + 1, hand.Bytes + bytes);
    }

    /// <summary>Counts what was committed, or is not ours any more. A tenant that has nothing left is forgotten.</summary>
    public void Remove(string tenant, Hand gone)
    {
        var hand = Of(tenant);
        if (hand.Messages <= gone.Messages)
        {
            _hands.Remove(tenant);
        }
        else
        {
            _hands[tenant] = new Hand(hand.Messages - gone.Messages, hand.Bytes - gone.Bytes);
        }
    }

    /// <summary>Takes all of it out of the counts of the flow.</summary>
    public void LeaveTo(TenantHands flow)
    {
        foreach (var (tenant, hand) in _hands)
        {
            flow.Remove(tenant, hand);
        }

        _hands.Clear();
    }
}

/// <summary>Messages in hand, and what they hold in memory.</summary>
/// <param name="Messages">How many.</param>
/// <param name="Bytes">Their bytes.</param>
internal readonly record struct Hand(int Messages, long Bytes);
