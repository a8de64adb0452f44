using Trunkline.Core.Config.Grammar;
using Trunkline.Messaging.Topics;

namespace Trunkline.Server.Configuration.Grammar;

/// <summary>An entry of <c>topics</c>.</summary>
internal static class TopicGrammar
{
    public static readonly GrammarKey<TimeSpan> RetentionAge = new(
        "age", Scalars.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(36_500)), "Messages older than this may be removed.")
    { Default = "kept for ever" };

    public static readonly GrammarKey<long> RetentionSize = new(
        "size", Scalars.Size(1024, long.MaxValue), "Bytes a partition may hold before its oldest messages may be removed.")
    { Default = "no bound" };

    public static readonly ObjectType RetentionType = new(
        "retention", "What may be removed; never what a group has still to read.", RetentionAge, RetentionSize)
    { Shorthand = RetentionAge };

    public static readonly GrammarKey<int> Partitions = new(
        "partitions", Scalars.WholeNumber(1, 1024), "Number of partitions: how far work on the topic can be spread. Cannot change later.")
    { Default = "4" };

    public static readonly GrammarKey<ObjectValues> Retention = new("retention", RetentionType, "What may be removed.") { Default = "nothing" };

    public static readonly GrammarKey<Durability> Durability = new(
        "durability",
        Values.Durability,
        "When an append is acknowledged: `sync` once it is on the disk; `interval(50ms)` at once, with a power loss taking at most the last 50 ms; `none` at once.")
    { Default = "`sync`" };

    public static readonly GrammarKey<TimeSpan> DedupeWindow = new(
        "dedupeWindow", Scalars.Duration(TimeSpan.Zero, TimeSpan.FromDays(30)), "How long a (source, id) is remembered for recognising duplicates; `0s` switches it off.")
    { Default = "1h" };

    public static readonly GrammarKey<long> MessageSize = new(
        "messageSize", Scalars.Size(1, 1L << 30), "Largest payload, key and headers of one message together.")
    { Default = "32MiB" };

    public static readonly GrammarKey<bool> Compacted = new(
        "compacted", Scalars.Boolean, "Keep only the newest message of each key.")
    { Default = "false" };

    public static readonly GrammarKey<string> Subject = new(
        "subject", Values.Subject, "Schema subject of its messages in the registry: what is published has to fit. Until a schema is registered under it, everything fits.");

    public static readonly GrammarKey<ContractPolicy> Contract = new(
        "contract",
        new ChoiceType<ContractPolicy>(("reject", ContractPolicy.Reject), ("observe", ContractPolicy.Observe)),
        "With `subject`: what happens to published messages that do not fit. `reject` refuses the request and tells every fault; `observe` takes them and counts them.")
    { Default = "`reject`" };

    public static readonly GrammarKey<string> Owner = new("owner", Values.Name, "Who answers for it: a name under `owners`.");

    public static readonly ObjectType Type = new(
        "topic",
        "A named, partitioned, durable log of messages.",
        Partitions,
        Retention,
        Durability,
        DedupeWindow,
        MessageSize,
        Compacted,
        Subject,
        Contract,
        Owner,
        new GrammarKey<string>("validate", Scalars.Text, "What happens to messages that break the schema.") { NotYet = true },
        new GrammarKey<string>("slo", Scalars.Text, "Objectives of the topic.") { NotYet = true },
        new GrammarKey<string>("deprecated", Scalars.Text, "Sunset date shown to consumers.") { NotYet = true });
}
