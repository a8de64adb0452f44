using Trunkline.Core.Config;
using Trunkline.Core.Config.Grammar;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Server.Configuration.Grammar;

/// <summary>An entry of <c>flows</c>.</summary>
internal static class FlowGrammar
{
    public static readonly GrammarKey<string> FromTopic = new("topic", Values.Topic, "A topic of the project.");
    public static readonly GrammarKey<string> FromMaildir = new("maildir", Values.FilePath, "A maildir, or a folder of mails; every file is taken once.");
    public static readonly GrammarKey<string> FromHttp = new("http", Values.HttpPath, "A path below `/in` of the node's address that takes POST.");
    public static readonly GrammarKey<ObjectValues> FromWebhook = new("webhook", HookGrammar.Type, "Signed webhooks of Slack, GitHub, Stripe, Twilio or a Standard Webhooks sender.");
    public static readonly GrammarKey<ObjectValues> FromSchedule = new("schedule", ScheduleGrammar.Type, "A message at each time of a cron expression.");
    public static readonly GrammarKey<string> FromUse = new("use", Values.Name, "A source the host registered in code.");
    public static readonly GrammarKey<string> FromGroup = new("group", Values.Topic, "The group whose positions it uses.") { Default = "`flow.` and the flow's name" };

    public static readonly GrammarKey<int> FromVersion = new(
        "version", Scalars.WholeNumber(1, 1_000_000), "With a topic that names a subject: the version of it the flow reads messages as, older ones upgraded and newer ones projected.")
    { Default = "as they were written" };

    public static readonly GrammarKey<SubscribeStart> FromStart = new(
        "start",
        new ChoiceType<SubscribeStart>(("earliest", SubscribeStart.Earliest), ("latest", SubscribeStart.Latest)),
        "Where a new group begins.")
    { Default = "`earliest`" };

    private static readonly GrammarKey<string>[] LaterSources =
    [
        .. new[] { "slack" }
            .Select(name => new GrammarKey<string>(name, Scalars.Text, "A later kind of source.") { NotYet = true }),
    ];

    private static readonly GrammarKey[] Sources = [FromTopic, MailGrammar.FromImap, MailGrammar.FromSmtp, FromMaildir, MailGrammar.FromMbox, FromHttp, FromWebhook, FileSourceGrammar.File, SocketSourceGrammar.WebSocket, FromSchedule, FromUse];

    public static readonly ObjectType Source = new(
        "source", $"Where messages come from. Exactly one of {Listing.Of(Sources)}.", [.. Sources, FromGroup, FromStart, FromVersion, .. LaterSources])
    { OneOf = [.. Sources, .. LaterSources] };

    public static readonly GrammarKey<string> When = new("when", Scalars.Expression, "The branch takes messages this is true for.");
    public static readonly GrammarKey<bool> Otherwise = new("otherwise", new ChoiceType<bool>(("true", true)), "`true`: the branch takes what no branch before it took.");
    public static readonly GrammarKey<IReadOnlyList<Located<ObjectValues>>> BranchTo = new("to", SinkGrammar.List, "Where its messages go.") { Required = true };
    public static readonly ObjectType Branch = new("branch", "A way out: `when` or `otherwise`, and `to`.", When, Otherwise, BranchTo) { OneOf = [When, Otherwise] };

    public static readonly GrammarKey<int> Attempts = new("attempts", Scalars.WholeNumber(1, 100), "Tries in place: the first and those that follow while the message keeps its lane.") { Default = "5" };
    public static readonly GrammarKey<DurationRange> Backoff = new("backoff", Scalars.Range, "First and longest wait between tries, with jitter.") { Default = "200ms..30s" };

    public static readonly GrammarKey<IReadOnlyList<Located<TimeSpan>>> Later = new(
        "later",
        new ListType<TimeSpan>(Scalars.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(30))) { ItemsMax = RetryConfig.LaterMax },
        "Delays before further tries, one try each, once those in place are used up, such as `[1m, 10m, 1h]`. The message waits durably, over restarts, "
        + "without a lane; later messages of its key wait behind it, in order.")
    { Default = "none" };

    public static readonly ObjectType Retry = new("retry", "Tries before a message counts as failed. They are counted over restarts.", Attempts, Backoff, Later);

    public static readonly GrammarKey<ObjectValues> From = new("from", Source, "Where messages come from.") { Required = true };

    public static readonly GrammarKey<IReadOnlyList<Located<ObjectValues>>> Steps = new(
        "steps", new ListType<ObjectValues>(StepGrammar.Type) { ItemsMax = 100 }, "What is done, in order.")
    { Default = "nothing" };

    public static readonly GrammarKey<IReadOnlyList<Located<ObjectValues>>> To = new("to", SinkGrammar.List, "Where messages go: to all of these.");

    public static readonly GrammarKey<IReadOnlyList<Located<ObjectValues>>> Branches = new(
        "branch",
        new ListType<ObjectValues>(Branch) { ItemsMin = 1, ItemsMax = 100 },
        "Where messages go: the first branch that takes a message has it. A message no branch takes is filtered.");

    public static readonly GrammarKey<ObjectValues> RetryKey = new("retry", Retry, "Tries in place, and later.") { Default = "5 attempts, 200ms..30s, none later" };

    public static readonly GrammarKey<FailurePolicy> OnFailure = new(
        "onFailure",
        new ChoiceType<FailurePolicy>(("park-message", FailurePolicy.ParkMessage), ("park-key", FailurePolicy.ParkKey), ("stop", FailurePolicy.Stop)),
        "When tries are used up: `park-message` makes it a dead letter; `park-key` also holds later messages of its key, in order; `stop` stops the partition.")
    { Default = "`park-message`" };

    public static readonly GrammarKey<TimeSpan> Deadline = new(
        "deadline",
        Scalars.Duration(TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(366)),
        "How old a message may be, from when it was stored. One past it takes `late`, at the latest when a model would be asked; without `late` it is a dead letter.")
    { Default = "none" };

    public static readonly GrammarKey<IReadOnlyList<Located<ObjectValues>>> Late = new("late", SinkGrammar.List, "Where messages past the deadline go: to all of these.");

    public static readonly GrammarKey<TimeSpan> DeadRetention = new(
        "retention", Scalars.Duration(TimeSpan.FromMinutes(1), TimeSpan.FromDays(3650)), "Dead letters older than this are removed, such as `30d`.")
    { Default = "for ever" };

    public static readonly ObjectType DeadLetters = new("dead", "How the flow's dead letters are kept.", DeadRetention);
    public static readonly GrammarKey<ObjectValues> Dead = new("dead", DeadLetters, "How the flow's dead letters are kept.");

    public static readonly GrammarKey<ObjectValues> KeepEffects = new(
        "effects", TopicGrammar.RetentionType, "Recorded answers of models and other effects: as far back as a replay can answer from them.")
    { Default = "30d" };

    public static readonly GrammarKey<ObjectValues> KeepOutcomes = new(
        "outcomes", TopicGrammar.RetentionType, "What became of messages: as far back as outcomes and fidelity are known.")
    { Default = "{ age: 7d, size: 1GiB }" };

    public static readonly GrammarKey<ObjectValues> KeepSent = new(
        "sent", TopicGrammar.RetentionType, "Messages that sinks other than topics have sent.")
    { Default = "7d" };

    public static readonly ObjectType KeepType = new("keep", "How long what the flow writes beside its outputs is kept; each counts for all of it once given.", KeepEffects, KeepOutcomes, KeepSent);
    public static readonly GrammarKey<ObjectValues> Keep = new("keep", KeepType, "How long what the flow writes beside its outputs is kept.");

    public static readonly GrammarKey<int> Lanes = new("lanes", Scalars.WholeNumber(1, 1024), "How many keys are worked on at once.") { Default = "16" };
    public static readonly GrammarKey<string> Owner = new("owner", Values.Name, "Who answers for it: a name under `owners`.");

    public static readonly ObjectType Type = new(
        "flow",
        "From a source, through steps, to sinks.",
        [
            From, Steps, To, Branches, Deadline, Late, RetryKey, OnFailure, Dead, Keep, SloGrammar.Slo, Lanes, Owner,
            .. new[] { "order", "priority", "contract", "policy", "tenant", "expire", "sample" }
                .Select(name => new GrammarKey<string>(name, Scalars.Text, "Brought by a later version.") { NotYet = true }),
        ])
    { OneOf = [To, Branches] };
}
