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
        "subject", Values.Subject, "Schema subject of its messages in the registry: what comes into the topic, by whatever way, has to fit. Until a schema is registered under it, everything fits.");

    public static readonly GrammarKey<ContractPolicy> Contract = new(
        "contract",
        new ChoiceType<ContractPolicy>(("reject", ContractPolicy.Reject), ("dead-letter", ContractPolicy.DeadLetter), ("observe", ContractPolicy.Observe)),
        "With `subject`: what happens to messages that do not fit. `reject` refuses a request and tells every fault, and what a flow made fails that flow's message; "
            + "`dead-letter` puts them into `<topic>.dead`; `observe` takes them and counts them.")
    { Default = "`reject`" };

    public static readonly GrammarKey<bool> CheckReads = new(
        "checkReads", Scalars.Boolean, "With `subject`: check messages also when flows and groups read them. For topics of a broker that other programs write to as well.")
    { Default = "false" };

    public static readonly GrammarKey<string> Schema = new(
        "schema", Values.FilePath, "File with the newest schema of the subject: `.avsc` for Avro, `.json` for JSON Schema, `.proto` for Protobuf. `trunkline contracts check` holds its readers to it.");

    public static readonly GrammarKey<IReadOnlyList<Located<string>>> ReaderFields = new(
        "fields", new ListType<string>(Values.FieldPath) { AllowSingle = true, ItemsMax = 1000 }, "What it reads: names joined by dots, `*` for every item of a list or value of a map.");

    public static readonly GrammarKey<string> ReaderOwner = new("owner", Values.Name, "Who answers for it: a name under `owners`.");

    public static readonly GrammarKey<string> ReaderVersion = new("version", Scalars.Text, "Its own version, such as that of the program.");

    public static readonly GrammarKey<IReadOnlyList<Named<ObjectValues>>> Readers = new(
        "readers",
        new MapType<ObjectValues>("reader", Names.Problem, Names.Pattern, new ObjectType("reader", "A consumer of the topic outside the project.", ReaderFields, ReaderOwner, ReaderVersion)),
        "Consumers outside the project and what they read, by group. What flows read is learned from them.");

    public static readonly GrammarKey<ObjectValues> Deprecated = new(
        "deprecated", PolicyGrammar.Deprecated, "It comes to its end: whoever writes or reads it over the API is told so in headers, and `trunkline contracts check` finds who still reads it after the day.");

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
        CheckReads,
        Schema,
        Readers,
        Owner,
        new GrammarKey<string>("slo", Scalars.Text, "Objectives of the topic.") { NotYet = true },
        Deprecated);
}
