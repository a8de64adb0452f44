using Trunkline.Core.Config;

namespace Trunkline.Server.Configuration;

/// <summary>What a flow promises. Its fidelity is measured against <see cref="Within"/>, its budgets against <see cref="Objectives"/>.</summary>
/// <param name="Where">Where it is written.</param>
public sealed record SloConfig(SourceLocation Where)
{
    /// <summary>The longest a message may take from its append to its delivery, 1 ms to 30 days; null for any time.</summary>
    public TimeSpan? Within { get; init; }

    /// <summary>The shares it promises, each with a budget of its own. Names are unique in the project.</summary>
    public IReadOnlyList<SloObjective> Objectives { get; init; } = [];

    /// <summary>Whether every tenant has budgets of its own beside those of the flow. Default false.</summary>
    public bool PerTenant { get; init; }

    /// <summary>Messages a burn rate is judged by at least. Default 30.</summary>
    public int Least { get; init; } = 30;

    /// <summary>A flow that finishes no message for so long is in trouble; null if quiet is fine.</summary>
    public TimeSpan? QuietMax { get; init; }
}

/// <summary>A share of a flow's messages, over a rolling window.</summary>
/// <param name="Name">Its name: <c>triage.latency</c>, or what an OpenSLO file calls it.</param>
/// <param name="Measure">What counts as good.</param>
/// <param name="Target">The share that has to be good, 0.5 to 0.99999.</param>
/// <param name="Window">Over how long, 1 to 366 days.</param>
public sealed record SloObjective(string Name, SloMeasure Measure, double Target, TimeSpan Window)
{
    /// <summary>The window, unless it says otherwise.</summary>
    public static readonly TimeSpan WindowDefault = TimeSpan.FromDays(30);

    /// <summary>What it is for, in the words of its author; null for none.</summary>
    public string? Description { get; init; }

    /// <summary>Slices of time that count in place of messages; null for messages.</summary>
    public SloSlices? Slices { get; init; }

    /// <summary>The window as the calendar has it, which begins anew each time; null for a rolling one.</summary>
    public SloCalendar? Calendar { get; init; }
}

/// <summary>Slices of time: each counts the same, however many messages it has. One without messages is good.</summary>
/// <param name="Length">How long each is: whole minutes that divide an hour.</param>
/// <param name="Target">The share of a slice's messages that has to be good for it to be good; null if the slice counts by that share itself.</param>
public sealed record SloSlices(TimeSpan Length, double? Target);

/// <summary>A window of the calendar.</summary>
/// <param name="Start">When one began, as clocks in <paramref name="Zone"/> show it.</param>
/// <param name="Zone">Whose clocks.</param>
/// <param name="Days">How many days it is long; 0 if it is of months.</param>
/// <param name="Months">How many months; 0 if it is of days.</param>
public sealed record SloCalendar(DateTime Start, TimeZoneInfo Zone, int Days, int Months)
{
    /// <summary>The window a time is in.</summary>
    public (DateTimeOffset From, DateTimeOffset Until) At(DateTimeOffset now)
    {
        var local = TimeZoneInfo.ConvertTime(now, Zone).DateTime;
        var number = Months > 0 ? (((local.Year - Start.Year) * 12) + local.Month - Start.Month) / Months : (int)Math.Floor((local - Start).TotalDays / Days);
        while (Began(number) > local)
        {
            number--;
        }

        while (Began(number + 1) <= local)
        {
            number++;
        }

        return (OnClock(Began(number)), OnClock(Began(number + 1)));
    }

    private DateTime Began(int number) => Months > 0 ? Start.AddMonths(number * Months) : Start.AddDays((double)number * Days);

    // A time that clocks skip is as much later as they skip.
    private DateTimeOffset OnClock(DateTime local) => new DateTimeOffset(local, Zone.GetUtcOffset(Zone.IsInvalidTime(local) ? local.AddHours(1) : local)).ToUniversalTime();
}

/// <summary>An SLO a team owes another, or a tenant; it is reported by calendar month.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Slo">The SLO of a flow that is promised, by name. The flow's owner is who promises.</param>
/// <param name="Where">Where it is written.</param>
public sealed record PromiseConfig(string Name, string Slo, SourceLocation Where)
{
    /// <summary>The owner it is promised to; null if it is a tenant.</summary>
    public string? ToOwner { get; init; }

    /// <summary>The tenant it is promised to, whose messages alone count; null if it is an owner.</summary>
    public string? ToTenant { get; init; }

    /// <summary>The share that has to be good in a month; null for that of the SLO.</summary>
    public double? Target { get; init; }

    /// <summary>What it is for, in the words of its author; null for none.</summary>
    public string? Description { get; init; }
}

/// <summary>What counts as good.</summary>
public enum SloMeasure
{
    /// <summary>Delivered at every sink within the flow's bound.</summary>
    Latency,

    /// <summary>Delivered at every sink, however late.</summary>
    Success,

    /// <summary>Delivered once, in order, within the bound, by the intended model.</summary>
    Fidelity,
}
