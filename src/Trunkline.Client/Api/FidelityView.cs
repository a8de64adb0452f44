namespace Trunkline.Client.Api;

/// <summary>Fidelity of flows: the share of messages delivered once, in order, in time, by the intended model.</summary>
/// <param name="Since">From when messages are counted.</param>
/// <param name="Until">When it was counted.</param>
/// <param name="Flows">Flows with messages in that time, by name.</param>
public sealed record FidelityList(DateTimeOffset Since, DateTimeOffset Until, IReadOnlyList<FlowFidelity> Flows);

/// <summary>Fidelity of one flow.</summary>
/// <param name="Flow">The flow.</param>
/// <param name="Within">Its SLO in milliseconds, as of now; null for none.</param>
/// <param name="All">Over all its messages.</param>
/// <param name="Tenants">The same by tenant; empty if no message names one.</param>
public sealed record FlowFidelity(string Flow, double? Within, FidelityFigures All, IReadOnlyList<TenantFidelity> Tenants);

/// <summary>Fidelity of one tenant in a flow.</summary>
/// <param name="Tenant">The tenant; empty for messages without one, <c>(others)</c> for those beyond the hundred counted apart.</param>
/// <param name="Figures">Over its messages.</param>
public sealed record TenantFidelity(string Tenant, FidelityFigures Figures);

/// <summary>Counts and shares. A message with several faults lowers several shares, and <see cref="Fidelity"/> once. Shares are null without messages.</summary>
public sealed record FidelityFigures
{
    /// <summary>Messages that were to be delivered.</summary>
    public long Due { get; init; }

    /// <summary>Messages a filter ended; they count in no share.</summary>
    public long Filtered { get; init; }

    /// <summary>Messages not delivered: dead-lettered, parked, shed or expired.</summary>
    public long NotDelivered { get; init; }

    /// <summary>Messages a sink got more than once.</summary>
    public long Doubled { get; init; }

    /// <summary>Messages a sink got after a later one of their key.</summary>
    public long OutOfOrder { get; init; }

    /// <summary>Messages that took longer than the flow's SLO.</summary>
    public long Late { get; init; }

    /// <summary>Messages another model or way than the flow names answered.</summary>
    public long Degraded { get; init; }

    /// <summary>Share without any fault, 0 to 1.</summary>
    public double? Fidelity { get; init; }

    /// <summary>Share delivered.</summary>
    public double? Delivered { get; init; }

    /// <summary>Share not doubled.</summary>
    public double? Once { get; init; }

    /// <summary>Share in order.</summary>
    public double? InOrder { get; init; }

    /// <summary>Share in time.</summary>
    public double? InTime { get; init; }

    /// <summary>Share by the intended model.</summary>
    public double? Intended { get; init; }
}
