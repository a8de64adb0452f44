using Trunkline.Messaging.Topics;

namespace Trunkline.Server.Outcomes;

/// <summary>The topics outcomes live in. Frozen: topics of these names hold what users look up.</summary>
internal static class OutcomeTopics
{
    /// <summary>Prefix of the topics with what became of a flow's messages.</summary>
    public const string Prefix = "trunkline.outcomes.";

    /// <summary>What was told later, from outside.</summary>
    public const string Facts = "trunkline.facts";

    /// <summary>How long outcomes and facts are kept at least to look them up.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromDays(7);

    /// <summary>Bytes the outcomes of one flow may take; then the oldest go first.</summary>
    public const long BytesMax = 1024L * 1024 * 1024;

    /// <summary>The topic of a flow.</summary>
    public static string Of(string flow) => Prefix + flow;

    /// <summary>Settings of a flow's topic. Durability none: outcomes are written with units that bring their own, and never make one wait.</summary>
    public static TopicSettings SettingsOf(string flow) => new()
    {
        Name = Of(flow),
        Partitions = 1,
        Durability = Durability.None,
        MessageBytesMax = 4 * 1024 * 1024,
        RetentionAge = Retention,
        RetentionBytes = BytesMax,
        DedupeWindow = TimeSpan.Zero,
    };

    /// <summary>Settings of the topic of later facts; its window of recognised repeats is as long as facts are kept.</summary>
    public static TopicSettings FactSettings { get; } = new()
    {
        Name = Facts,
        Partitions = 1,
        MessageBytesMax = 64 * 1024,
        RetentionAge = Retention,
        RetentionBytes = BytesMax,
        DedupeWindow = Retention,
    };

    /// <summary>The flow whose outcomes a topic holds; null if it holds none.</summary>
    public static string? FlowOf(string topic) => topic.StartsWith(Prefix, StringComparison.Ordinal) ? topic[Prefix.Length..] : null;
}
