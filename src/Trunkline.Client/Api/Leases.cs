namespace Trunkline.Client.Api;

/// <summary>Asks for messages of a group; what is null takes the default.</summary>
public sealed record FetchRequest
{
    /// <summary>Most messages, 1 to 1000. Default 100.</summary>
    public int? Max { get; init; }

    /// <summary>How long to wait for the first message, in milliseconds, 0 to 30,000. Default 0.</summary>
    public int? WaitMs { get; init; }

    /// <summary>Lease on each message, in milliseconds, 1,000 to 3,600,000. Default 30,000.</summary>
    public int? LeaseMs { get; init; }

    /// <summary>Where a group that never committed begins: <c>earliest</c> (default) or <c>latest</c>.</summary>
    public string? Start { get; init; }

    /// <summary>The version of the topic's subject messages are read as, older ones upgraded and newer ones projected; null for as they were written.</summary>
    public int? SchemaVersion { get; init; }
}

/// <summary>Leased messages; empty if none came in time.</summary>
/// <param name="Messages">In offset order per partition.</param>
public sealed record FetchResponse(IReadOnlyList<LeasedMessage> Messages);

/// <summary>A message lent to a consumer until the lease ends.</summary>
/// <param name="Lease">Opaque; names this lending in ack, nack and extend.</param>
/// <param name="Attempt">1 for the first lending, as far as the node knows.</param>
/// <param name="ExpiresAt">When it is lent anew unless acknowledged or extended.</param>
/// <param name="Event">The message.</param>
public sealed record LeasedMessage(string Lease, int Attempt, DateTimeOffset ExpiresAt, EventView Event);

/// <summary>Acknowledges messages: they are not delivered to the group again.</summary>
/// <param name="Leases">1 to 1000 leases.</param>
public sealed record AckRequest(IReadOnlyList<string> Leases);

/// <summary>Gives messages back.</summary>
/// <param name="Leases">1 to 1000 leases.</param>
/// <param name="DelayMs">When they may be lent again, in milliseconds, 0 to 3,600,000. Default 0.</param>
public sealed record NackRequest(IReadOnlyList<string> Leases, int? DelayMs = null);

/// <summary>Prolongs leases.</summary>
/// <param name="Leases">1 to 1000 leases.</param>
/// <param name="LeaseMs">New length from now, in milliseconds, 1,000 to 3,600,000. Default 30,000.</param>
public sealed record ExtendRequest(IReadOnlyList<string> Leases, int? LeaseMs = null);

/// <summary>What became of leases.</summary>
/// <param name="Done">Leases the request took effect on.</param>
/// <param name="Expired">Leases that had ended before: their messages may be, or were, lent again.</param>
public sealed record LeaseResponse(IReadOnlyList<string> Done, IReadOnlyList<string> Expired);
