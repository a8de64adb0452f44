using System.Globalization;
using Trunkline.Core.Config;
using Trunkline.Core.Config.Grammar;

namespace Trunkline.Server.Configuration.Grammar;

/// <summary>An SLO of OpenSLO v1, as far as this node can measure it: over messages of a flow.</summary>
internal static class OpenSloGrammar
{
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

    public static readonly GrammarKey<TimeSpan> Duration = new("duration", new ScalarType<TimeSpan>("days or weeks, such as `28d` or `4w`", FaultCodes.BadDuration, (text, _) => ReadDuration(text)), "How long.") { Required = true };
    private static readonly GrammarKey<bool> IsRolling = new("isRolling", new ChoiceType<bool>(("true", true)) { NotYet = ["false"] }, "Calendar windows are not measured.") { Required = true };

    public static readonly GrammarKey<IReadOnlyList<Located<ObjectValues>>> TimeWindow = new(
        "timeWindow",
        new ListType<ObjectValues>(new ObjectType("openslo-window", "The window.", Duration, IsRolling, new GrammarKey<string>("calendar", Scalars.Text, "A calendar window.") { NotYet = true })) { ItemsMin = 1, ItemsMax = 1 },
        "The window.")
    { Required = true };

    public static readonly GrammarKey<string> Op = new("op", new ChoiceType<string>(("lte", "lte"), ("lt", "lt")), "How `value` is meant: at most, or below.");

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

    public static readonly ObjectType Objective = new(
        "openslo-objective",
        "What is promised.",
        [DisplayName, Op, Value, Target, TargetPercent, .. NotYet("timeSliceTarget", "timeSliceWindow", "compositeWeight", "indicator", "indicatorRef")])
    { OneOf = [Target, TargetPercent] };

    public static readonly GrammarKey<IReadOnlyList<Located<ObjectValues>>> Objectives = new(
        "objectives", new ListType<ObjectValues>(Objective) { ItemsMin = 1, ItemsMax = 20 }, "What is promised.")
    { Required = true };

    public static readonly GrammarKey<string> Description = new("description", Scalars.Text, "What it is for.");

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
                new GrammarKey<string>("budgetingMethod", new ChoiceType<string>(("Occurrences", "Occurrences")) { NotYet = ["Timeslices", "RatioTimeslices"] }, "Budgets are over messages.") { Required = true },
                Objectives,
                .. NotYet("alertPolicies", "indicatorRef"),
            ]),
        "The SLO.")
    { Required = true };

    public static readonly ObjectType Type = new("openslo", "An SLO of OpenSLO.", ApiVersion, Kind, Metadata, Spec);

    /// <summary>Whether a file is one of OpenSLO, of whatever version.</summary>
    public static bool Is(ConfigNode? root) =>
        root is MappingNode mapping && mapping.Find(ApiVersion.Name) is ScalarNode version && version.Text.StartsWith("openslo/", StringComparison.Ordinal);

    private static ScalarReading<TimeSpan> ReadDuration(string text)
    {
        var days = text.EndsWith('w') && int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var weeks) && weeks <= 52 ? weeks * 7
            : DurationText.TryParse(text, out var span) ? span.TotalDays : 0;
        return days is >= 1 and <= 366
            ? new ScalarReading<TimeSpan>(TimeSpan.FromDays(days))
            : new ScalarReading<TimeSpan>(default, "a duration of 1 to 366 days", "Write days or weeks, such as 28d or 4w; months and years differ in length.");
    }

    private static GrammarKey<AnyValue> Key(string name) => new(name, Any, "Not used.");

    private static IEnumerable<GrammarKey> NotYet(params IEnumerable<string> names) =>
        names.Select(name => new GrammarKey<string>(name, Scalars.Text, "Not measured; alerts follow Trunkline's own burn rates.") { NotYet = true });
}
