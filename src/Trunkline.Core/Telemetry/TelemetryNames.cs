namespace Trunkline.Core.Telemetry;

/// <summary>
/// Names of meters, sources, instruments and labels, in one place. Prometheus sees them as written, with the suffixes its
/// exporter adds left out here: the unit is in the instrument (OpenTelemetry) and the name says it (Prometheus naming).
/// </summary>
public static class TelemetryNames
{
    /// <summary>Meter and activity source of a node.</summary>
    public const string Source = "Trunkline";

    /// <summary>Counter: messages through a hop, by <see cref="Flow"/>, <see cref="Hop"/>, <see cref="Outcome"/>.</summary>
    public const string HopMessages = "trunkline_hop_messages_total";

    /// <summary>Histogram, seconds: time a message spent in a flow's steps (sampled: one of each hand-over of at most 64), or in a sink, by <see cref="Flow"/>, <see cref="Hop"/>.</summary>
    public const string HopDuration = "trunkline_hop_duration_seconds";

    /// <summary>Histogram, seconds: from the append of a message to the start of its steps (sampled alike), by <see cref="Flow"/>, <see cref="Hop"/>.</summary>
    public const string QueueWait = "trunkline_queue_wait_seconds";

    /// <summary>Histogram, seconds: one commit unit, by <see cref="Flow"/>, <see cref="Hop"/>.</summary>
    public const string CommitDuration = "trunkline_commit_duration_seconds";

    /// <summary>Histogram: messages finished by one commit unit, by <see cref="Flow"/>, <see cref="Hop"/>.</summary>
    public const string CommitMessages = "trunkline_commit_messages";

    /// <summary>Counter: further tries, by <see cref="Flow"/>, <see cref="Step"/>, <see cref="Cause"/>.</summary>
    public const string Retries = "trunkline_retries_total";

    /// <summary>Counter: dead letters, by <see cref="Flow"/>, <see cref="Step"/>, <see cref="Cause"/>.</summary>
    public const string DeadLetters = "trunkline_dead_letters_total";

    /// <summary>Gauge: messages taken and not committed, by <see cref="Flow"/>.</summary>
    public const string InFlight = "trunkline_flow_in_flight_messages";

    /// <summary>Gauge: 1 while a sink's breaker is open, by <see cref="Flow"/>, <see cref="Hop"/>.</summary>
    public const string SinkPaused = "trunkline_sink_paused";

    /// <summary>Counter: times a sink's breaker opened, by <see cref="Flow"/>, <see cref="Hop"/>.</summary>
    public const string SinkPauses = "trunkline_sink_pauses_total";

    /// <summary>Counter: messages published over the API, by <see cref="Topic"/>, <see cref="Outcome"/> (<c>stored</c>, <c>duplicate</c>).</summary>
    public const string PublishedMessages = "trunkline_published_messages_total";

    /// <summary>Counter: payload bytes published over the API, by <see cref="Topic"/>.</summary>
    public const string PublishedBytes = "trunkline_published_bytes_total";

    /// <summary>Histogram, seconds: the durable append of one publish request.</summary>
    public const string PublishDuration = "trunkline_publish_append_duration_seconds";

    /// <summary>Counter: requests answered with a problem, by <see cref="Cause"/>.</summary>
    public const string Problems = "trunkline_problems_total";

    /// <summary>Counter: messages that do not fit their topic's schema, by <see cref="Topic"/> and <see cref="Outcome"/> (rejected, dead-lettered, observed).</summary>
    public const string ContractViolations = "trunkline_contract_violations_total";

    /// <summary>Counter: changes in what messages of a producer hold that were told, by <see cref="Topic"/> and <see cref="Kind"/>.</summary>
    public const string DriftAlarms = "trunkline_drift_alarms_total";

    /// <summary>Gauge: messages a topic holds, by <see cref="Topic"/>.</summary>
    public const string TopicMessages = "trunkline_topic_messages";

    /// <summary>Gauge: messages a group has not completed, by <see cref="Topic"/>, <see cref="Group"/>.</summary>
    public const string GroupLag = "trunkline_group_lag_messages";

    /// <summary>Counter: calls of models, by <see cref="Model"/>, <see cref="Flow"/>, <see cref="Outcome"/> (<c>answered</c>, or how it failed).</summary>
    public const string ModelCalls = "trunkline_model_calls_total";

    /// <summary>Counter: tokens of models, by <see cref="Model"/>, <see cref="Direction"/>.</summary>
    public const string ModelTokens = "trunkline_model_tokens_total";

    /// <summary>Counter: what calls cost, in the currency of the project's prices, by <see cref="Model"/>.</summary>
    public const string ModelCost = "trunkline_model_cost_total";

    /// <summary>Histogram, seconds: one call of a model, by <see cref="Model"/>, <see cref="Flow"/>.</summary>
    public const string ModelCallDuration = "trunkline_model_call_duration_seconds";

    /// <summary>Histogram, seconds: how long a call waited for room, by <see cref="Model"/>, <see cref="Flow"/>.</summary>
    public const string ModelWait = "trunkline_model_wait_seconds";

    /// <summary>Counter: questions that found no room in a budget of their model, and waited, went elsewhere or failed, by <see cref="Model"/>, <see cref="Flow"/>.</summary>
    public const string ModelOverBudget = "trunkline_model_over_budget_total";

    /// <summary>Counter: spans meant for the collector, by <see cref="Outcome"/> (<c>sent</c>, <c>failed</c>: not taken at first, <c>dropped</c>: no room in the queue).</summary>
    public const string ExportedSpans = "trunkline_exported_spans_total";

    /// <summary>Counter: requests with spans, metrics or logs that the collector did not take at first, by <see cref="Outcome"/> (<c>kept</c> on disk, <c>sent</c> later, <c>dropped</c>: no room, or not wanted).</summary>
    public const string BufferedExports = "trunkline_buffered_exports_total";

    /// <summary>Counter: spans meant to be kept by the node, by <see cref="Outcome"/> (<c>taken</c>, <c>dropped</c>: no room, <c>repeated</c>: kept already, or its trace is full).</summary>
    public const string KeptSpans = "trunkline_kept_spans_total";

    /// <summary>Counter: what other services sent over OTLP, by <see cref="Kind"/> (<c>spans</c>, <c>logs</c>, <c>metrics</c>) and <see cref="Outcome"/> (<c>taken</c>, <c>refused</c>, of log records <c>cut</c>: taken, but their text was too long; of metrics <c>unknown</c>: not kept).</summary>
    public const string ReceivedTelemetry = "trunkline_received_telemetry_total";

    /// <summary>Label: the model (bounded by the project).</summary>
    public const string Model = "model";

    /// <summary>Label: <c>input</c> or <c>output</c>.</summary>
    public const string Direction = "direction";

    /// <summary>Label: the topic (bounded by the topics there are).</summary>
    public const string Topic = "topic";

    /// <summary>Label: the group (bounded by the groups there are).</summary>
    public const string Group = "group";

    /// <summary>Label: the flow (bounded by the project).</summary>
    public const string Flow = "flow";

    /// <summary>Label: <c>in</c>, or the sink's name (bounded by the project).</summary>
    public const string Hop = "hop";

    /// <summary>Label: <c>delivered</c>, <c>filtered</c>, <c>dead</c>, <c>parked</c>, <c>appended</c>.</summary>
    public const string Outcome = "outcome";

    /// <summary>Label: the step or sink (bounded by the project).</summary>
    public const string Step = "step";

    /// <summary>Label: what kind of thing it is, one of a few.</summary>
    public const string Kind = "kind";

    /// <summary>Label: a code of the error catalogue.</summary>
    public const string Cause = "cause";
}
