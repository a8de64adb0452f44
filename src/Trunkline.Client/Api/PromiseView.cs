namespace Trunkline.Client.Api;

/// <summary>Promises of a project in a calendar month.</summary>
/// <param name="Month">The month, such as <c>2026-02</c>, in UTC.</param>
/// <param name="At">When it was counted.</param>
/// <param name="IsOver">Whether the month is over.</param>
/// <param name="Promises">The promises, by name.</param>
public sealed record PromiseList(string Month, DateTimeOffset At, bool IsOver, IReadOnlyList<PromiseView> Promises);

/// <summary>What a team owed another, or a tenant, and how it kept it.</summary>
public sealed record PromiseView
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>What it is for; null if nobody said so.</summary>
    public string? Description { get; init; }

    /// <summary>Who promises: the owner of the flow.</summary>
    public required string By { get; init; }

    /// <summary>The owner it is promised to; null if it is a tenant.</summary>
    public string? ToOwner { get; init; }

    /// <summary>The tenant it is promised to; null if it is an owner.</summary>
    public string? ToTenant { get; init; }

    /// <summary>The SLO.</summary>
    public required string Slo { get; init; }

    /// <summary>Its flow.</summary>
    public required string Flow { get; init; }

    /// <summary><c>latency</c>, <c>success</c> or <c>fidelity</c>.</summary>
    public required string Measure { get; init; }

    /// <summary>The longest a message may take, in milliseconds; null for any time.</summary>
    public double? Within { get; init; }

    /// <summary>The share that has to be good, 0 to 1.</summary>
    public double Target { get; init; }

    /// <summary><c>kept</c>, <c>broken</c> (also before the month is over), <c>on-track</c> (the month is not over) or <c>no-traffic</c>.</summary>
    public required string Verdict { get; init; }

    /// <summary>Messages that were due.</summary>
    public long Due { get; init; }

    /// <summary>Those that were not good.</summary>
    public long Bad { get; init; }

    /// <summary>The share that was good, 0 to 1; null without messages.</summary>
    public double? Good { get; init; }

    /// <summary>The share of what may be bad that is used; above 1 if more was. Null without messages.</summary>
    public double? Spent { get; init; }

    /// <summary>Days with messages.</summary>
    public IReadOnlyList<PromiseDay> Days { get; init; } = [];

    /// <summary>Where messages were not good, the most first.</summary>
    public IReadOnlyList<SloHopView> Hops { get; init; } = [];

    /// <summary>Incidents of the flow in the month, of those kept.</summary>
    public int Incidents { get; init; }

    /// <summary>Half of those that are over took at most this long from beginning to end; null for none.</summary>
    public double? RestoreSeconds { get; init; }
}

/// <summary>A day of a promise.</summary>
/// <param name="Day">When it began, in UTC.</param>
/// <param name="Due">Messages that were due.</param>
/// <param name="Bad">Those that were not good.</param>
public sealed record PromiseDay(DateTimeOffset Day, long Due, long Bad);
