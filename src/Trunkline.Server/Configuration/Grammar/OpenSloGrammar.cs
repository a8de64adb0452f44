using System.Globalization;
using Trunkline.Core.Config;
using Trunkline.Core.Config.Grammar;

namespace Trunkline.Server.Configuration.Grammar;

/// <summary>An SLO of OpenSLO v1, as far as this node can measure it: over messages of a flow.</summary>
internal static class OpenSloGrammar
{
    public const string Occurrences = "Occurrences";
    public const string Timeslices = "Timeslices";
    public const string RatioTimeslices = "RatioTimeslices";

    private const string Version = "openslo/v1";

    private static readonly AnyType Any = new();

    private static readonly GrammarKey<string> ApiVersion = new("apiVersion", new ChoiceType<string>((Version, Version)), "The version of OpenSLO.") { Required = true };

    private static readonly GrammarKey<string> Kind = new(
        "kind",
        new ChoiceType<string>(("SLO", "SLO")) { NotYet = ["SLI", "Service", "DataSource", "AlertPolicy", "AlertCondition", "AlertNotificationTarget"] },
        "What the file defines.")
    { Required = true };

    public static readonly GrammarKey<string> Name = new("name", Values.Name, "Its name.") { Required = true };
    public static readonly GrammarKey<string> DisplayName = new("displayName", Scalars.Text, "Its name for people.");

    public static readonly GrammarKey<ObjectValues> Metadata = new(
        "metadata", new ObjectType("openslo-metadata", "Who it is.", Name, DisplayName, Key("labels"), Key("annotations")), "Who it is.")
    { Required = true };

    private static readonly GrammarKey<string> MetricType = new("type", new ChoiceType<string>(("trunkline", "trunkline")), "Where the numbers come from.") { Required = true };
    public static readonly GrammarKey<string> Flow = new("flow", Values.Name, "The flow whose messages count.") { Required = true };

    public static readonly GrammarKey<SloMeasure> Measure = new(
        "measure", new ChoiceType<SloMeasure>(("success", SloMeasure.Success), ("fidelity", SloMeasure.Fidelity), ("latency", SloMeasure.Latency)), "What counts as good, in `good` of a ratioMetric.")
    { Default = "success" };

    public static readonly GrammarKey<ObjectValues> SourceSpec = new("spec", new ObjectType("openslo-query", "What is counted.", Flow, Measure), "What is counted.") { Required = true };

    public static readonly GrammarKey<ObjectValues> MetricSource = new(
        "metricSource", new ObjectType("openslo-source", "Where the numbers come from.", MetricType, SourceSpec, Key("metricSourceRef")), "Where the numbers come from.")
    { Required = true };

    private static readonly ObjectType Metric = new("openslo-metric", "A number.", MetricSource);
    public static readonly GrammarKey<ObjectValues> Good = new("good", Metric, "Messages that count as good.") { Required = true };
    public static readonly GrammarKey<ObjectValues> Total = new("total", Metric, "All messages.") { Required = true };

    public static readonly GrammarKey<ObjectValues> Ratio = new(
        "ratioMetric", new ObjectType("openslo-ratio", "A share of messages.", new GrammarKey<bool>("counter", Scalars.Boolean, "Ignored: messages are counted."), Good, Total), "A share of messages.");

    public static readonly GrammarKey<ObjectValues> Threshold = new("thresholdMetric", Metric, "The seconds from a message's append to its delivery.");

    public static readonly GrammarKey<ObjectValues> IndicatorSpec = new(
        "spec", new ObjectType("openslo-indicator-spec", "What is measured.", Ratio, Threshold) { OneOf = [Ratio, Threshold] }, "What is measured.")
    { Required = true };

    public static readonly GrammarKey<ObjectValues> Indicator = new(
        "indicator", new ObjectType("openslo-indicator", "What is measured.", Key("metadata"), IndicatorSpec), "What is measured.")
    { Required = true };

    public static readonly GrammarKey<OpenSloSpan> Duration = new(
        "duration", new ScalarType<OpenSloSpan>("days, weeks or months, such as `28d`, `4w` or `1M`", FaultCodes.BadDuration, (text, _) => OpenSloSpan.Read(text)), "How long; months, quarters and years only of the calendar.")
    { Required = true };

    public static readonly GrammarKey<bool> IsRolling = new("isRolling", Scalars.Boolean, "Whether it ends now, or is one of the calendar.") { Required = true };

    public static readonly GrammarKey<DateTime> StartTime = new(
        "startTime",
        new ScalarType<DateTime>("time such as `2026-01-01 00:00:00`", FaultCodes.BadValue, (text, _) =>
            DateTime.TryParseExact(text, "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None, out var start) && start.Year is >= 1970 and <= 9000
                ? new ScalarReading<DateTime>(start)
                : new ScalarReading<DateTime>(default, "a time, such as 2026-01-01 00:00:00")),
        "When one of them began.")
    { Required = true };

    public static readonly GrammarKey<TimeZoneInfo> TimeZone = new(
        "timeZone",
        new ScalarType<TimeZoneInfo>("time zone such as `Europe/Berlin`", FaultCodes.BadValue, (text, _) =>
            TimeZoneInfo.TryFindSystemTimeZoneById(text, out var zone) ? new ScalarReading<TimeZoneInfo>(zone) : new ScalarReading<TimeZoneInfo>(null!, "a time zone this machine knows, such as Europe/Berlin or UTC")),
        "Whose clocks show it.")
    { Required = true };

    public static readonly GrammarKey<ObjectValues> Calendar = new("calendar", new ObjectType("openslo-calendar", "Windows of the calendar.", StartTime, TimeZone), "Where windows of the calendar begin; with `isRolling: false`.");

    public static readonly GrammarKey<IReadOnlyList<Located<ObjectValues>>> TimeWindow = new(
        "timeWindow", new ListType<ObjectValues>(new ObjectType("openslo-window", "The window.", Duration, IsRolling, Calendar)) { ItemsMin = 1, ItemsMax = 1 }, "The window.")
    { Required = true };

    public static readonly GrammarKey<string> Op = new("op", new ChoiceType<string>(("lte", "lte"), ("lt", "lt"), ("gte", "gte"), ("gt", "gt")), "How `value` is meant: at most, or below; without `value` it says nothing.");

    public static readonly GrammarKey<TimeSpan> Value = new(
        "value",
        new ScalarType<TimeSpan>("seconds", FaultCodes.BadValue, (text, _) =>
            decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0.001m and <= 2_592_000m
                ? new ScalarReading<TimeSpan>(TimeSpan.FromTicks((long)(seconds * TimeSpan.TicksPerSecond)))
                : new ScalarReading<TimeSpan>(default, "seconds, 0.001 to 2592000")),
        "The bound in seconds, with thresholdMetric.");

    public static readonly GrammarKey<double> Target = new("target", SloGrammar.Target, "The share that has to be good.");

    public static readonly GrammarKey<double> TargetPercent = new(
        "targetPercent",
        new ScalarType<double>("percent, 50 to 99.999", FaultCodes.BadValue, (text, _) =>
            double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent) && percent / 100 is >= SloGrammar.TargetMin and <= SloGrammar.TargetMax
                ? new ScalarReading<double>(percent / 100)
                : new ScalarReading<double>(0, "a percentage from 50 to 99.999")),
        "The same in percent.");

    public static readonly GrammarKey<double> SliceTarget = new(
        "timeSliceTarget",
        new ScalarType<double>("share above 0, up to 1", FaultCodes.BadValue, (text, _) =>
            double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var share) && share is > 0 and <= 1 ? new ScalarReading<double>(share) : new ScalarReading<double>(0, "a share above 0, up to 1")),
        "The share of a slice's messages that has to be good, with Timeslices.");

    public static readonly GrammarKey<TimeSpan> SliceWindow = new(
        "timeSliceWindow",
        new ScalarType<TimeSpan>("minutes that divide an hour, such as `1m` or `5m`", FaultCodes.BadDuration, (text, _) =>
            DurationText.TryParse(text, out var slice) && slice >= TimeSpan.FromMinutes(1) && slice.Ticks % TimeSpan.TicksPerMinute == 0 && TimeSpan.TicksPerHour % slice.Ticks == 0
                ? new ScalarReading<TimeSpan>(slice)
                : new ScalarReading<TimeSpan>(default, "whole minutes that divide an hour, such as 1m, 5m or 1h")),
        "How long a slice is, with Timeslices and RatioTimeslices.");

    public static readonly ObjectType Objective = new(
        "openslo-objective",
        "What is promised.",
        [DisplayName, Op, Value, Target, TargetPercent, SliceTarget, SliceWindow, .. NotYet("compositeWeight", "indicator", "indicatorRef")])
    { OneOf = [Target, TargetPercent] };

    public static readonly GrammarKey<IReadOnlyList<Located<ObjectValues>>> Objectives = new(
        "objectives", new ListType<ObjectValues>(Objective) { ItemsMin = 1, ItemsMax = 20 }, "What is promised.")
    { Required = true };

    public static readonly GrammarKey<string> Description = new("description", Scalars.Text, "What it is for.");

    public static readonly GrammarKey<string> Method = new(
        "budgetingMethod",
        new ChoiceType<string>((Occurrences, Occurrences), (Timeslices, Timeslices), (RatioTimeslices, RatioTimeslices)),
        "What counts: messages, slices of time that are good or bad, or slices by their share of good messages.")
    { Required = true };

    public static readonly GrammarKey<AnyValue> AlertPolicies = Key("alertPolicies");

    public static readonly GrammarKey<ObjectValues> Spec = new(
        "spec",
        new ObjectType(
            "openslo-spec",
            "The SLO.",
            [
                Description,
                Key("service"),
                Indicator,
                TimeWindow,
                Method,
                Objectives,
                AlertPolicies,
                .. NotYet("indicatorRef"),
            ]),
        "The SLO.")
    { Required = true };

    public static readonly ObjectType Type = new("openslo", "An SLO of OpenSLO.", ApiVersion, Kind, Metadata, Spec);

    /// <summary>Whether a file is one of OpenSLO, of whatever version.</summary>
    public static bool Is(ConfigNode? root) =>
        root is MappingNode mapping && mapping.Find(ApiVersion.Name) is ScalarNode version && version.Text.StartsWith("openslo/", StringComparison.Ordinal);

    private static GrammarKey<AnyValue> Key(string name) => new(name, Any, "Not used.");

    private static IEnumerable<GrammarKey> NotYet(params IEnumerable<string> names) =>
        names.Select(name => new GrammarKey<string>(name, Scalars.Text, "Not measured; alerts follow Trunkline's own burn rates.") { NotYet = true });
}
