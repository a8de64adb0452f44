namespace Trunkline.Client.Api;

/// <summary>SLOs of flows: what is promised, what is kept, and how fast the budgets burn.</summary>
/// <param name="At">When it was counted.</param>
/// <param name="Slos">By flow, those of tenants after their flow's.</param>
public sealed record SloList(DateTimeOffset At, IReadOnlyList<SloView> Slos);

/// <summary>An SLO over its rolling window. Shares are of messages, so that busy times weigh as much as they have traffic.</summary>
public sealed record SloView
{
    /// <summary>Its name: <c>triage.latency</c>, or what an OpenSLO file calls it.</summary>
    public required string Name { get; init; }

    /// <summary>The flow.</summary>
    public required string Flow { get; init; }

    /// <summary>Owner of the flow; null for none.</summary>
    public string? Owner { get; init; }

    /// <summary>The tenant it is for; null for all.</summary>
    public string? Tenant { get; init; }

    /// <summary>What it is for; null if nobody said so.</summary>
    public string? Description { get; init; }

    /// <summary><c>latency</c>, <c>success</c> or <c>fidelity</c>.</summary>
    public required string Measure { get; init; }

    /// <summary>The longest a message may take, in milliseconds; null for any time.</summary>
    public double? Within { get; init; }

    /// <summary>The share that has to be good, 0 to 1.</summary>
    public double Target { get; init; }

    /// <summary>The window, in days.</summary>
    public double WindowDays { get; init; }

    /// <summary><c>good</c>, <c>warn</c> or <c>bad</c>.</summary>
    public required string State { get; init; }

    /// <summary><c>met</c>, <c>no-traffic</c>, <c>few</c>, <c>quiet</c>, <c>burning</c> or <c>spent</c>.</summary>
    public required string Verdict { get; init; }

    /// <summary>What is counted: <c>messages</c>, or <c>slices</c> of time.</summary>
    public string Unit { get; init; } = "messages";

    /// <summary>How long a slice is, in minutes; null where messages are counted.</summary>
    public double? SliceMinutes { get; init; }

    /// <summary>When the window began, where it is one of the calendar; null for a rolling one.</summary>
    public DateTimeOffset? CalendarFrom { get; init; }

    /// <summary>Messages, or slices, that were due in the window.</summary>
    public long Due { get; init; }

    /// <summary>Those that were not good.</summary>
    public long Bad { get; init; }

    /// <summary>The share that was good, 0 to 1; null without messages.</summary>
    public double? Good { get; init; }

    /// <summary>Lower end of the share's 95 % interval: what so many messages can tell of it.</summary>
    public double GoodLow { get; init; }

    /// <summary>Upper end.</summary>
    public double GoodHigh { get; init; }

    /// <summary>The share of the budget that is used; above 1 if there is none left, null without messages.</summary>
    public double? Spent { get; init; }

    /// <summary>When the budget ends if it burns on as it does; null if it does not end within the window.</summary>
    public DateTimeOffset? EndsAt { get; init; }

    /// <summary>When a message was counted last; null for never.</summary>
    public DateTimeOffset? LastAt { get; init; }

    /// <summary>Burn rates, the fastest rule first.</summary>
    public required IReadOnlyList<SloBurnView> Burns { get; init; }

    /// <summary>Where the messages that were not good became so, the most first.</summary>
    public IReadOnlyList<SloHopView> Hops { get; init; } = [];

    /// <summary>The latest changes within the window, and what was spent from each to the next; newest first.</summary>
    public IReadOnlyList<SloChangeView> Changes { get; init; } = [];
}

/// <summary>A burn rate: 1 uses the budget up in just its window.</summary>
/// <param name="LongMinutes">The long window.</param>
/// <param name="ShortMinutes">The short window.</param>
/// <param name="Factor">It fires if both windows are at this or above.</param>
/// <param name="Severity"><c>page</c> or <c>ticket</c>.</param>
/// <param name="Over">The burn over the long window; null without messages.</param>
/// <param name="Still">The burn over the short window; null without messages.</param>
/// <param name="Fires">Whether it fires.</param>
public sealed record SloBurnView(double LongMinutes, double ShortMinutes, double Factor, string Severity, double? Over, double? Still, bool Fires);

/// <summary>What was not good at a hop.</summary>
/// <param name="Hop">The sink, or <c>in</c> for the flow's steps.</param>
/// <param name="Bad">Messages.</param>
/// <param name="Share">Share of all that were not good, 0 to 1.</param>
public sealed record SloHopView(string Hop, long Bad, double Share);

/// <summary>What was spent after a change, up to the next.</summary>
/// <param name="At">When it was made.</param>
/// <param name="Who">Who made it.</param>
/// <param name="What">What was done.</param>
/// <param name="Target">What it was done to.</param>
/// <param name="Due">Messages that were due until the next change.</param>
/// <param name="Bad">Those that were not good.</param>
/// <param name="Spent">Share of the window's budget they used; null without messages.</param>
public sealed record SloChangeView(DateTimeOffset At, string Who, string What, string Target, long Due, long Bad, double? Spent);
