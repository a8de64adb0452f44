namespace Trunkline.Server.Api.Live;

/// <summary>A client that follows, and what ends that.</summary>
/// <param name="context">Its request.</param>
/// <param name="time">The clock.</param>
/// <param name="stopping">Fires when the node stops.</param>
internal sealed class LiveClient(HttpContext context, TimeProvider time, CancellationToken stopping)
{
    /// <summary>Its request.</summary>
    public HttpContext Context => context;

    /// <summary>Until when its ticket holds; null for ever.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>Whether the project in force still has the sink as the client found it.</summary>
    public required Func<bool> IsServed { get; init; }

    /// <summary>True when the node stops.</summary>
    public bool IsStopping => stopping.IsCancellationRequested;

    /// <summary>Why nothing more is sent, or null. Looked at with each item, and so at the latest with the next heartbeat.</summary>
    public LiveEnd? EndAt(LiveItem item) =>
        time.GetUtcNow() >= Expires ? LiveEnd.TicketExpired
        : item is LiveItem.Heartbeat && !IsServed() ? LiveEnd.SinkChanged
        : null;
}

/// <summary>Why a client is sent nothing more.</summary>
internal enum LiveEnd
{
    /// <summary>Its ticket holds no longer.</summary>
    TicketExpired,

    /// <summary>The sink is gone, or has other secrets.</summary>
    SinkChanged,

    /// <summary>The node stops.</summary>
    Stopping,
}
