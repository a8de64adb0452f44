namespace Trunkline.Messaging;

/// <summary>
/// Header names Trunkline reads or writes. CloudEvents attributes other than id, source, time, datacontenttype and
/// partitionkey (which are fields of <see cref="Message"/>) travel as headers under their own lower-case name with
/// the prefix <see cref="CloudEventPrefix"/>, as in CloudEvents' Kafka binding.
/// </summary>
public static class HeaderNames
{
    /// <summary>Prefix of CloudEvents attributes: <c>ce_type</c>, <c>ce_subject</c>, <c>ce_dataschema</c>, extensions.</summary>
    public const string CloudEventPrefix = "ce_";

    /// <summary>CloudEvents <c>type</c>.</summary>
    public const string CloudEventType = "ce_type";

    /// <summary>The tenant a message belongs to (extension <c>tenant</c>).</summary>
    public const string Tenant = "ce_tenant";

    /// <summary>Priority, 0 (highest) to 9 (extension <c>priority</c>).</summary>
    public const string Priority = "ce_priority";

    /// <summary>W3C Trace Context.</summary>
    public const string TraceParent = "traceparent";

    /// <summary>W3C Trace Context.</summary>
    public const string TraceState = "tracestate";

    /// <summary>The revision of the project that produced an output.</summary>
    public const string Revision = "tl-revision";

    /// <summary>The flow that produced an output.</summary>
    public const string Flow = "tl-flow";

    /// <summary>Versions of the models that took part: <c>spam=mlnet@ab12, reply=openai:small</c>.</summary>
    public const string Models = "tl-models";

    /// <summary>
    /// Where another model answered than was asked first: <c>step: first -> other (why)</c>, several separated by comma and space.
    /// </summary>
    public const string Degraded = "tl-degraded";

    /// <summary>Where the message an output was made from stands: <c>topic/partition/offset</c>.</summary>
    public const string Position = "tl-position";

    /// <summary>On what was made of recorded messages run again: the replay's id, followed by <c>; send</c> if sinks outside may get it.</summary>
    public const string Replay = "tl-replay";

    /// <summary>On outputs of a replay that are kept aside: the sink they were made for.</summary>
    public const string Sink = "tl-sink";

    /// <summary>Dead letters: the stable code of the failure.</summary>
    public const string Cause = "tl-cause";

    /// <summary>Dead letters: what happened, for people; no payload, no secret.</summary>
    public const string CauseDetail = "tl-cause-detail";

    /// <summary>Dead letters: the step or sink that failed.</summary>
    public const string Step = "tl-step";

    /// <summary>Dead letters: how often the message was tried.</summary>
    public const string Attempts = "tl-attempts";

    /// <summary>Dead letters: the type of the exception behind the failure, where there was one.</summary>
    public const string ExceptionType = "tl-exception";

    /// <summary>Dead letters: when the message failed first (RFC 3339, UTC).</summary>
    public const string FirstFailedAt = "tl-first-failed-at";

    /// <summary>Dead letters: when it failed for good (RFC 3339, UTC).</summary>
    public const string FailedAt = "tl-failed-at";

    /// <summary>Dead letters: when the original was appended (RFC 3339, UTC).</summary>
    public const string AppendedAt = "tl-appended-at";

    /// <summary>Dead letters: before the name of a header of the original that the dead letter has itself.</summary>
    public const string OriginalPrefix = "tl-original.";

    /// <summary>Dead letters of a topic: the subject the message does not fit.</summary>
    public const string Contract = "tl-contract";

    /// <summary>Replayed messages that ask for fresh answers: models are asked even if an answer is remembered.</summary>
    public const string Fresh = "tl-fresh";

    /// <summary>Messages of timers: the timer's name.</summary>
    public const string Timer = "tl-timer";
}
