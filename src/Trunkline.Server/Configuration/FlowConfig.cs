using Trunkline.Core.Config;
using Trunkline.Core.Limits;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Server.Configuration;

/// <summary>A flow: from a source, through steps, to sinks.</summary>
public sealed record FlowConfig
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Where messages come from.</summary>
    public required SourceConfig From { get; init; }

    /// <summary>What is done, in order.</summary>
    public IReadOnlyList<StepConfig> Steps { get; init; } = [];

    /// <summary>
    /// Where messages go: the first branch whose condition holds takes the message. A flow with a plain <c>to</c> has one
    /// branch without condition. A message no branch takes is filtered.
    /// </summary>
    public required IReadOnlyList<BranchConfig> Branches { get; init; }

    /// <summary>How old a message may be when it is processed, counted from when it was stored; null for any age.</summary>
    public TimeSpan? Deadline { get; init; }

    /// <summary>Retries in place, and later ones.</summary>
    public RetryConfig Retry { get; init; } = new();

    /// <summary>What happens when they are used up.</summary>
    public FailurePolicy OnFailure { get; init; } = FailurePolicy.ParkMessage;

    /// <summary>What the flow promises; null for nothing.</summary>
    public SloConfig? Slo { get; init; }

    /// <summary>Dead letters older than this are removed; null keeps them.</summary>
    public TimeSpan? DeadRetention { get; init; }

    /// <summary>How long what the flow writes beside its outputs is kept.</summary>
    public KeepConfig Keep { get; init; } = new();

    /// <summary>Lanes: how many keys are worked on at once. Default 16, 1 to 1024.</summary>
    public int Lanes { get; init; } = 16;

    /// <summary>Owner's name, or null.</summary>
    public string? Owner { get; init; }

    /// <summary>The fields of its topic's messages that a flow of the host's code can read; null for a flow of the project file, which shows them itself.</summary>
    internal IReadOnlyList<string>? Reads { get; init; }

    /// <summary>Where it is written.</summary>
    public SourceLocation Where { get; init; }

    /// <summary>Names of the models its steps ask.</summary>
    internal IEnumerable<string> Models => Steps.Select(step => step switch
    {
        InferStepConfig infer => infer.Model,
        RedactStepConfig redact => redact.Names,
        _ => null,
    }).OfType<string>().Distinct(StringComparer.Ordinal);

    /// <summary>Names of the steps that ask the outside and no model.</summary>
    internal IEnumerable<string> AskingSteps => Steps.Where(step => step is EnrichStepConfig or ExecStepConfig).Select(step => step.Name);
}

/// <summary>Where messages come from: a closed family.</summary>
/// <param name="Where">Where it is written.</param>
public abstract record SourceConfig(SourceLocation Where)
{
    /// <summary>Kind and place, for people.</summary>
    internal abstract string Shown { get; }

    /// <summary>What steps and dead letters name as the origin: the topic, or the source's name. Frozen: dead letters keep it.</summary>
    internal abstract string Origin(string flow);

    /// <summary>True if the other reads the same, so that a flow can change over to it without opening it afresh.</summary>
    internal abstract bool IsSame(SourceConfig other);
}

/// <summary><c>from: { topic: name, group: name, start: earliest }</c></summary>
/// <param name="Topic">The topic.</param>
/// <param name="Group">The group; default <c>flow.&lt;name&gt;</c>.</param>
/// <param name="Start">Where a new group begins.</param>
/// <param name="Where">Where it is written.</param>
public sealed record TopicSourceConfig(string Topic, string Group, SubscribeStart Start, SourceLocation Where) : SourceConfig(Where)
{
    /// <summary>The version of the topic's subject the flow reads messages as; null to read them as they are.</summary>
    public int? Version { get; init; }

    internal override string Shown => "topic:" + Topic;

    internal override string Origin(string flow) => Topic;

    internal override bool IsSame(SourceConfig other) => other is TopicSourceConfig topic && topic.Topic == Topic && topic.Group == Group;
}

/// <summary><c>from: { maildir: path }</c>: every file of <c>new/</c> and <c>cur/</c>, or of a plain folder of mails, once.</summary>
/// <param name="Path">The folder, resolved.</param>
/// <param name="Where">Where it is written.</param>
public sealed record MaildirSourceConfig(string Path, SourceLocation Where) : SourceConfig(Where)
{
    internal override string Shown => "maildir:" + Path;

    internal override string Origin(string flow) => "maildir:" + flow;

    internal override bool IsSame(SourceConfig other) => other is MaildirSourceConfig maildir && maildir.Path == Path;
}

/// <summary><c>from: { http: /path }</c>: a POST below <c>/in</c> of the node's address.</summary>
/// <param name="Path">The path, starting with a slash.</param>
/// <param name="Where">Where it is written.</param>
public sealed record HttpSourceConfig(string Path, SourceLocation Where) : SourceConfig(Where)
{
    internal override string Shown => "http:" + Path;

    internal override string Origin(string flow) => "http:" + Path;

    internal override bool IsSame(SourceConfig other) => other is HttpSourceConfig http && http.Path == Path;
}

/// <summary><c>from: { webhook: { path, verify, secret } }</c>: a signed POST below <c>/hooks</c> of the node's address.</summary>
/// <param name="Path">The path, starting with a slash.</param>
/// <param name="Verify">How the sender signs.</param>
/// <param name="Secrets">What it signs with: at least one, several while it changes.</param>
/// <param name="Where">Where it is written.</param>
public sealed record WebhookSourceConfig(string Path, HookKind Verify, IReadOnlyList<Secret> Secrets, SourceLocation Where) : SourceConfig(Where)
{
    /// <summary>How far a signed time may be from the node's. Default 5 minutes.</summary>
    public TimeSpan Tolerance { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long repeats are recognised. Default 3 days.</summary>
    public TimeSpan Remember { get; init; } = TimeSpan.FromDays(3);

    /// <summary>The address the sender calls, where that is signed; null otherwise.</summary>
    public Uri? Url { get; init; }

    internal override string Shown => Origin("");

    internal override string Origin(string flow) => "webhook:" + Path;

    internal override bool IsSame(SourceConfig other) =>
        other is WebhookSourceConfig hook && hook.Secrets.SequenceEqual(Secrets) && hook with { Secrets = Secrets, Where = Where } == this;
}

/// <summary>How a sender signs its webhooks.</summary>
public enum HookKind
{
    /// <summary>Slack.</summary>
    Slack,

    /// <summary>GitHub.</summary>
    GitHub,

    /// <summary>Stripe.</summary>
    Stripe,

    /// <summary>Standard Webhooks.</summary>
    StandardWebhooks,

    /// <summary>Twilio.</summary>
    Twilio,
}

/// <summary><c>from: { schedule: { cron, zone, missed } }</c>: a message at each time.</summary>
/// <param name="Cron">When.</param>
/// <param name="Zone">Its time zone.</param>
/// <param name="Missed">What becomes of runs that were due while nobody read.</param>
/// <param name="Where">Where it is written.</param>
public sealed record ScheduleSourceConfig(string Cron, string Zone, MissedRuns Missed, SourceLocation Where) : SourceConfig(Where)
{
    internal override string Shown => $"schedule:{Cron} {Zone}";

    internal override string Origin(string flow) => "schedule:" + flow;

    internal override bool IsSame(SourceConfig other) => other is ScheduleSourceConfig schedule && schedule with { Where = Where } == this;
}

/// <summary>What becomes of runs of a schedule that were due while nobody read.</summary>
public enum MissedRuns
{
    /// <summary>Only the latest comes. The default.</summary>
    Latest,

    /// <summary>All come, the oldest first.</summary>
    All,

    /// <summary>None.</summary>
    Skip,
}

/// <summary><c>from: { use: name }</c>: a source the host registered.</summary>
/// <param name="Use">Its name.</param>
/// <param name="Where">Where it is written.</param>
public sealed record UseSourceConfig(string Use, SourceLocation Where) : SourceConfig(Where)
{
    internal override string Shown => Origin("");

    internal override string Origin(string flow) => "use:" + Use;

    internal override bool IsSame(SourceConfig other) => other is UseSourceConfig use && use.Use == Use;
}

/// <summary>A step: a closed family.</summary>
/// <param name="Name">Unique in the flow: given, or kind and number (<c>map-2</c>).</param>
/// <param name="Where">Where it is written.</param>
public abstract record StepConfig(string Name, SourceLocation Where);

/// <summary><c>parse: mail | json</c></summary>
public sealed record ParseStepConfig(string Name, string Format, SourceLocation Where) : StepConfig(Name, Where);

/// <summary><c>map: expression</c>; the result is the new body.</summary>
public sealed record MapStepConfig(string Name, string Expression, SourceLocation Where) : StepConfig(Name, Where);

/// <summary><c>filter: expression</c>; messages it is not true for end here, counted as filtered.</summary>
public sealed record FilterStepConfig(string Name, string Expression, SourceLocation Where) : StepConfig(Name, Where);

/// <summary><c>infer: { model, input, output, overload, memo, tools }</c>; the answer is put into the body under <paramref name="Output"/>.</summary>
public sealed record InferStepConfig(string Name, string Model, string Input, string Output, SourceLocation Where) : StepConfig(Name, Where)
{
    /// <summary>Names of the tools the model may ask to call. Default none.</summary>
    public IReadOnlyList<string> Tools { get; init; } = [];

    /// <summary>How answers are remembered; null for not at all.</summary>
    public MemoConfig? Memo { get; init; }

    /// <summary>What happens while the model has no room; null to wait for it, but to count a refusal for overload as a try.</summary>
    public OverloadConfig? Overload { get; init; }

    /// <summary>Who is asked when the model fails; null for the model's own fallback.</summary>
    public FallbackConfig? Fallback { get; init; }

    /// <summary>Whether the answer's text goes on, as it comes, to those who follow the flow's sinks <c>sse</c> and <c>websocket</c>. Default false.</summary>
    public bool Streams { get; init; }
}

/// <summary>How answers of a model are remembered: the same question is not asked twice.</summary>
/// <param name="Keep">How long. Default 7 days.</param>
/// <param name="PerKey">Whether for all messages of a key; else for the same message only.</param>
public sealed record MemoConfig(TimeSpan Keep, bool PerKey = false)
{
    /// <summary>Seven days, for the same message.</summary>
    public MemoConfig()
        : this(TimeSpan.FromDays(7))
    {
    }
}

/// <summary><c>state: { update, output, expire }</c>: what the expression gives is remembered for the message's key; null forgets.</summary>
/// <param name="Name">See <see cref="StepConfig"/>.</param>
/// <param name="Update">The expression.</param>
/// <param name="Output">Field of the body that also gets it; null for none.</param>
/// <param name="Expire">How long after the message that wrote it; null for ever.</param>
/// <param name="Where">See <see cref="StepConfig"/>.</param>
public sealed record StateStepConfig(string Name, string Update, string? Output, TimeSpan? Expire, SourceLocation Where) : StepConfig(Name, Where);

/// <summary><c>timer: { as, after, when }</c> sets a timer of the message's key, or moves it; <c>timer: { cancel, when }</c> stops it.</summary>
/// <param name="Name">See <see cref="StepConfig"/>.</param>
/// <param name="Timer">The timer.</param>
/// <param name="After">When it is due, counted from the message; null to cancel.</param>
/// <param name="When">For which messages; null for all.</param>
/// <param name="Where">See <see cref="StepConfig"/>.</param>
public sealed record TimerStepConfig(string Name, string Timer, TimeSpan? After, string? When, SourceLocation Where) : StepConfig(Name, Where);

/// <summary><c>use: name</c>: a step the host registered.</summary>
public sealed record UseStepConfig(string Name, string Use, SourceLocation Where) : StepConfig(Name, Where);

/// <summary>A way out.</summary>
/// <param name="When">Condition, or null for always.</param>
/// <param name="To">Sinks; all of them get the message.</param>
/// <param name="Where">Where it is written.</param>
public sealed record BranchConfig(string? When, IReadOnlyList<SinkConfig> To, SourceLocation Where)
{
    /// <summary>True for <c>late</c>: it takes the messages past the flow's deadline, and no other. It is the last branch.</summary>
    public bool IsLate { get; init; }
}

/// <summary>One <c>to</c>: a closed family.</summary>
/// <param name="Name">Unique in the flow: the topic's name, or kind and number (<c>webhook-1</c>).</param>
/// <param name="Where">Where it is written.</param>
public abstract record SinkConfig(string Name, SourceLocation Where);

/// <summary><c>{ topic: name, key: expression }</c>; without <c>key</c> the message keeps its key.</summary>
public sealed record TopicSinkConfig(string Name, string Topic, string? Key, SourceLocation Where) : SinkConfig(Name, Where);

/// <summary>A sink outside the broker: its messages wait in an outbox of its own, and are sent from there.</summary>
/// <param name="Name">See <see cref="SinkConfig"/>.</param>
/// <param name="Where">See <see cref="SinkConfig"/>.</param>
public abstract record OutboxSinkConfig(string Name, SourceLocation Where) : SinkConfig(Name, Where)
{
    /// <summary>What a sink has unless it says otherwise: five failures in a row, pauses of 10 s to 5 min.</summary>
    public static readonly BreakerRule BreakerDefault = new(5, TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(5));

    /// <summary>Bound on one try; 10 s unless it says otherwise.</summary>
    public static readonly TimeSpan TimeoutDefault = TimeSpan.FromSeconds(10);

    /// <summary>When it pauses instead of failing messages; null for never.</summary>
    public BreakerRule? Breaker { get; init; }

    /// <summary>Bound on one try. Default 10 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeoutDefault;

    /// <summary>Its word in the project file.</summary>
    internal abstract string Kind { get; }

    /// <summary>Where it sends to, for people: without secrets.</summary>
    internal abstract string Shown { get; }
}

/// <summary><c>{ webhook: { url, secret, timeout, breaker } }</c>: Standard Webhooks. The secret signs; null leaves it unsigned.</summary>
public sealed record WebhookSinkConfig(string Name, Uri Url, Secret? Secret, SourceLocation Where) : OutboxSinkConfig(Name, Where)
{
    internal override string Kind => "webhook";

    internal override string Shown => Url.GetLeftPart(UriPartial.Path);
}

/// <summary><c>{ slack: { url, text } }</c> or <c>{ teams: … }</c>: a text made of the message, to an incoming webhook of a chat.</summary>
/// <param name="Name">See <see cref="SinkConfig"/>.</param>
/// <param name="Chat">Whose webhook.</param>
/// <param name="Url">Its address; who knows it may post.</param>
/// <param name="Text">The text, a template.</param>
/// <param name="Where">See <see cref="SinkConfig"/>.</param>
public sealed record ChatSinkConfig(string Name, ChatKind Chat, Secret Url, string Text, SourceLocation Where) : OutboxSinkConfig(Name, Where)
{
    /// <summary>A title above it, a template; null for none.</summary>
    public string? Title { get; init; }

    internal override string Kind => Chat == ChatKind.Slack ? "slack" : "teams";

    internal override string Shown => new Uri(Url.Value).Host;
}

/// <summary>A kind of chat.</summary>
public enum ChatKind
{
    /// <summary>Slack, and what takes the same (Mattermost, Rocket.Chat, Zulip).</summary>
    Slack,

    /// <summary>Microsoft Teams, and what takes Adaptive Cards.</summary>
    Teams,
}

/// <summary><c>{ use: name }</c>: a sink the host registered.</summary>
/// <param name="Name">See <see cref="SinkConfig"/>.</param>
/// <param name="Use">The name it was registered by.</param>
/// <param name="Where">See <see cref="SinkConfig"/>.</param>
public sealed record UseSinkConfig(string Name, string Use, SourceLocation Where) : OutboxSinkConfig(Name, Where)
{
    internal override string Kind => "use";

    internal override string Shown => Use;
}

/// <summary>Retries: in place, with full jitter between the bounds, then later. Attempts are counted over both.</summary>
/// <param name="Attempts">Tries in place, 1 to 100. Default 5.</param>
/// <param name="BackoffMin">First wait. Default 200 ms.</param>
/// <param name="BackoffMax">Longest wait. Default 30 s.</param>
public sealed record RetryConfig(int Attempts, TimeSpan BackoffMin, TimeSpan BackoffMax)
{
    /// <summary>
    /// Delays before further tries, one each, after those in place: durable, and without a lane. At most <see cref="LaterMax"/>;
    /// default none.
    /// </summary>
    public IReadOnlyList<TimeSpan> Later { get; init; } = [];

    /// <summary>The most later tries.</summary>
    public const int LaterMax = 20;

    /// <summary>Five attempts, 200 ms to 30 s.</summary>
    public RetryConfig()
        : this(5, TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(30))
    {
    }
}

/// <summary>What happens to a message that keeps failing.</summary>
public enum FailurePolicy
{
    /// <summary>It goes to the dead letters; the others of its key go on. The default.</summary>
    ParkMessage,

    /// <summary>It goes to the dead letters, and later messages of its key wait in order until it is redriven or dropped.</summary>
    ParkKey,

    /// <summary>The partition stops until an operator acts.</summary>
    Stop,
}
