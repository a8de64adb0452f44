namespace Trunkline.Core.Telemetry;

/// <summary>
/// Names of spans and of their attributes, in one place; <c>docs/telemetry.md</c> is made from this file. Where OpenTelemetry's
/// semantic conventions have a name it is theirs, in the version of <see cref="Conventions"/>; the rest begins with <c>trunkline.</c>.
/// </summary>
public static class SpanNames
{
    /// <summary>The version of OpenTelemetry's semantic conventions the names are taken from (messaging and gen_ai are not stable in it).</summary>
    public const string Conventions = "1.37.0";

    /// <summary>Span, PRODUCER: one publish request, until its messages are durable; named <c>send {topic}</c>. Messages without a trace of their own continue it.</summary>
    public const string Send = "send";

    /// <summary>Span, CONSUMER: messages lent to a consumer over the API; named <c>receive {topic}</c>, with a link to each message.</summary>
    public const string Receive = "receive";

    /// <summary>Span, CONSUMER: one try of one message in a flow or at a sink; named <c>process {topic}</c>, below the message's own context and linked to it.</summary>
    public const string Process = "process";

    /// <summary>Span, INTERNAL: one step of a flow; named <c>step {step}</c>.</summary>
    public const string Step = "step";

    /// <summary>Span, CLIENT: one question to a model, with its wait for room; named <c>chat {model}</c> for models that generate, <c>infer {model}</c> for others.</summary>
    public const string Chat = "chat";

    /// <summary>Operation of a model that does not generate; see <see cref="Chat"/>.</summary>
    public const string Infer = "infer";

    /// <summary>Span, CLIENT: handing one message to what a sink leads to; named <c>deliver {sink}</c>. A webhook gets its context as <c>traceparent</c>.</summary>
    public const string Deliver = "deliver";

    /// <summary>Span, INTERNAL: from a failed try of a message to its next; named <c>wait retry</c>.</summary>
    public const string RetryWait = "wait retry";

    /// <summary>Span, INTERNAL: how long a message waited behind a parked key; named <c>wait parked</c>.</summary>
    public const string ParkedWait = "wait parked";

    /// <summary>Span, CLIENT: one commit unit; named <c>settle {flow}</c>, with a link to each of its messages, 128 at most.</summary>
    public const string Settle = "settle";

    /// <summary>Attribute: always <c>trunkline</c>.</summary>
    public const string System = "messaging.system";

    /// <summary>Attribute: <c>send</c>, <c>receive</c>, <c>process</c> or <c>settle</c>.</summary>
    public const string OperationType = "messaging.operation.type";

    /// <summary>Attribute: the topic, or the source's name.</summary>
    public const string Destination = "messaging.destination.name";

    /// <summary>Attribute: the partition.</summary>
    public const string Partition = "messaging.destination.partition.id";

    /// <summary>Attribute: the group.</summary>
    public const string ConsumerGroup = "messaging.consumer.group.name";

    /// <summary>Attribute: the message's id.</summary>
    public const string MessageId = "messaging.message.id";

    /// <summary>Attribute: the payload's size in bytes.</summary>
    public const string BodySize = "messaging.message.body.size";

    /// <summary>Attribute: messages of a batch.</summary>
    public const string BatchCount = "messaging.batch.message_count";

    /// <summary>Attribute: <c>chat</c> or <c>infer</c>.</summary>
    public const string GenAiOperation = "gen_ai.operation.name";

    /// <summary>Attribute: the kind of the model, such as <c>openai</c> or <c>onnx</c>.</summary>
    public const string GenAiProvider = "gen_ai.provider.name";

    /// <summary>Attribute: the model's name in the project.</summary>
    public const string GenAiModel = "gen_ai.request.model";

    /// <summary>Attribute: tokens read.</summary>
    public const string GenAiInputTokens = "gen_ai.usage.input_tokens";

    /// <summary>Attribute: tokens written.</summary>
    public const string GenAiOutputTokens = "gen_ai.usage.output_tokens";

    /// <summary>Attribute: the status a webhook was answered with.</summary>
    public const string HttpStatus = "http.response.status_code";

    /// <summary>Attribute: a code of the error catalogue; only on what failed.</summary>
    public const string ErrorType = "error.type";

    /// <summary>Attribute: the flow.</summary>
    public const string Flow = "trunkline.flow";

    /// <summary>Attribute: the sink.</summary>
    public const string Sink = "trunkline.sink";

    /// <summary>Attribute: the try, 1 for the first.</summary>
    public const string Attempt = "trunkline.attempt";

    /// <summary>Attribute: the offset of the message.</summary>
    public const string Offset = "trunkline.offset";

    /// <summary>Attribute: <c>delivered</c>, <c>filtered</c> or <c>failed</c>.</summary>
    public const string Outcome = "trunkline.outcome";

    /// <summary>Attribute: the step that ended or failed the message.</summary>
    public const string AtStep = "trunkline.step";

    /// <summary>Attribute, seconds: from the append of the message to this try.</summary>
    public const string QueueWait = "trunkline.queue_wait";

    /// <summary>Attribute, seconds: how long the question waited for room at the model; part of the span's time.</summary>
    public const string ModelWait = "trunkline.model_wait";

    /// <summary>Attribute: the share of traces the node kept when it kept this one, by its id; missing on what was kept for another reason.</summary>
    public const string Share = "trunkline.share";
}
