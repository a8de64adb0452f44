using Trunkline.Core.Config;
using Trunkline.Core.Config.Grammar;

namespace Trunkline.Server.Configuration.Grammar;

/// <summary>The source <c>schedule</c>.</summary>
internal static class ScheduleGrammar
{
    public static readonly GrammarKey<string> Cron = new(
        "cron",
        Scalars.Checked(
            "cron expression, such as `0 9 * * 1-5`",
            FaultCodes.BadValue,
            text => CronText.Parse(text) is null ? "a cron expression of five fields, or six with seconds first, that some time meets" : null),
        "When: minute, hour, day of month, month, day of week; with six fields seconds first.")
    { Required = true };

    public static readonly GrammarKey<string> Zone = new(
        "zone",
        Scalars.Checked("time zone, such as `Europe/Berlin`", FaultCodes.BadValue, text => TimeZoneInfo.TryFindSystemTimeZoneById(text, out _) ? null : "a time zone this machine knows"),
        "The time zone it is in. A time that daylight saving skips is met when the clock has sprung; one that comes twice, the first time.")
    { Default = "`UTC`" };

    public static readonly GrammarKey<MissedRuns> Missed = new(
        "missed",
        new ChoiceType<MissedRuns>(("latest", MissedRuns.Latest), ("all", MissedRuns.All), ("skip", MissedRuns.Skip)),
        "What becomes of runs that were due while the flow did not read: only the latest comes, all, or none.")
    { Default = "`latest`" };

    public static readonly ObjectType Type = new(
        "schedule", "A message at each time of a cron expression, its time in `message.scheduledAt`. Each run comes once, after a crash too.", Cron, Zone, Missed)
    { Shorthand = Cron };
}
