using Trunkline.Core.Limits;
using Trunkline.Server.Configuration;
using Trunkline.Server.Flows.Contracts;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Flows;

/// <summary>A flow of a revision with everything made that may fail, so that putting it in force cannot.</summary>
/// <param name="Config">As written.</param>
/// <param name="Revision">Its pipelines and targets.</param>
/// <param name="Outboxes">Its sinks that are no topics.</param>
internal sealed record FlowPlan(FlowConfig Config, FlowRevision Revision, IReadOnlyList<OutboxPlan> Outboxes)
{
    /// <summary>An operator paused it, in this life or an earlier one.</summary>
    public bool IsPaused { get; init; }

    /// <summary>Makes the plan; the topics it names exist.</summary>
    public static async Task<FlowPlan> PrepareAsync(
        FlowEnvironment environment, FlowConfig config, RevisionParts parts, CancellationToken cancellationToken)
    {
        FlowSources.Check(environment, config);
        var (revision, pipelines) = (parts.Number, ReadContract.Over(parts.Pipelines.Flows[config.Name], config, parts.Contracts));
        var topics = new FlowTopics(environment.Broker);
        var targets = new List<SinkTarget>();
        var outboxes = new List<OutboxPlan>();
        foreach (var sink in pipelines.Sinks)
        {
            var topic = sink is TopicSinkConfig own ? own.Topic : FlowNames.Outbox(config.Name, sink.Name);
            targets.Add(new SinkTarget(sink.Name, topic, await topics.MessageBytesMaxAsync(topic, cancellationToken))
            {
                Contract = parts.Contracts.GetValueOrDefault(topic) is { } contract ? new SinkContract(contract, sink.Name, environment.Time) : null,
            });
            if (sink is OutboxSinkConfig outbox)
            {
                // A message's last try never is one of an outage: the breaker is open by then.
                var breaker = outbox.Breaker is { } rule ? rule with { Failures = Math.Min(rule.Failures, config.Retry.Attempts) } : null;
                outboxes.Add(new OutboxPlan(config.Name, outbox, SinkSenders.Of(environment, config.Name, outbox), config.Retry, revision) { Within = config.Slo?.Within ?? TimeSpan.Zero, Breaker = breaker });
            }
        }

        // One is made here and now, so that a pipeline that cannot be made is refused with the revision, not met by a message.
        pipelines.Create().Dispose();
        var rules = new FailureRules(config.Retry, config.OnFailure, FlowNames.Dead(config.Name), FlowNames.Effects(config.Name), FlowNames.Parked(config.Name));
        return new FlowPlan(config, new FlowRevision(revision, pipelines, rules, targets) { Lanes = config.Lanes, Within = config.Slo?.Within ?? TimeSpan.Zero }, outboxes)
        {
            IsPaused = await FlowPause.IsKeptAsync(environment.Broker, config.Name, cancellationToken),
        };
    }
}

/// <summary>What the flows of a revision share when they are made ready.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Pipelines">Of its flows.</param>
/// <param name="Contracts">Of its topics, by name.</param>
internal sealed record RevisionParts(int Number, RevisionPipelines Pipelines, IReadOnlyDictionary<string, TopicContract> Contracts);

/// <summary>What the runner of a sink's outbox is made of.</summary>
/// <param name="Flow">The flow.</param>
/// <param name="Config">The sink.</param>
/// <param name="Pipelines">What sends.</param>
/// <param name="Retry">The flow's rule.</param>
/// <param name="Revision">The revision these belong to.</param>
internal sealed record OutboxPlan(string Flow, OutboxSinkConfig Config, IPipelineFactory Pipelines, RetryConfig Retry, int Revision)
{
    /// <summary>The sink's name.</summary>
    public string Sink => Config.Name;

    /// <summary>The flow's SLO; zero for none.</summary>
    public TimeSpan Within { get; init; }

    /// <summary>When the sink pauses; null for never.</summary>
    public BreakerRule? Breaker { get; init; }
}
