using Microsoft.Extensions.Logging;
using Trunkline.Core.Telemetry;
using Trunkline.Messaging;

namespace Trunkline.Server.Flows;

/// <summary>Log messages of flows, 3000 to 3999. No payloads, no secrets.</summary>
internal static partial class Log
{
    [LoggerMessage(3000, LogLevel.Information, "Flow {Flow}: started at revision {Revision}, from {Source}")]
    public static partial void FlowStarted(ILogger logger, string flow, int revision, string source);

    [LoggerMessage(3001, LogLevel.Information, "Flow {Flow}: switched to revision {Revision}")]
    public static partial void FlowSwitched(ILogger logger, string flow, int revision);

    [LoggerMessage(3002, LogLevel.Information, "Flow {Flow}: stopped, drained: {Drained}")]
    public static partial void FlowStopped(ILogger logger, string flow, bool drained);

    [LoggerMessage(3003, LogLevel.Error, "Flow {Flow}: failed and stopped; mend the cause, then resume the flow")]
    public static partial void FlowFailed(ILogger logger, string flow, Exception exception);

    [LoggerMessage(3004, LogLevel.Error, "Flow {Flow}: partition {Partition} stopped at offset {Offset}: {Cause} in step {Step}; resume the flow once it is mended")]
    public static partial void PartitionStopped(ILogger logger, string flow, int partition, long offset, string cause, string step);

    [LoggerMessage(3005, LogLevel.Debug, "Flow {Flow}: {Topic}/{Position} became a dead letter: {Cause} in step {Step} after {Attempts} attempts; message {Message}, key mark {KeyMark}, trace {Trace}")]
    public static partial void DeadLettered(ILogger logger, string flow, string topic, Position position, string cause, string step, int attempts, string message, string? keyMark, string trace);

    [LoggerMessage(3013, LogLevel.Debug, "Flow {Flow}: {Topic}/{Position} is tried again in {Wait}: {Cause} in step {Step}; message {Message}, key mark {KeyMark}, trace {Trace}")]
    public static partial void Delayed(ILogger logger, string flow, string topic, Position position, string cause, string step, TimeSpan wait, string message, string? keyMark, string trace);

    /// <summary>The trace of a message.</summary>
    public static string TraceOf(Message message) => TraceParent.ContextOf(message).TraceId.ToHexString();

    /// <summary>What stands for a message's key in logs; null without one.</summary>
    public static string? KeyMarkOf(Message message) => message.Key is { } key ? Core.Security.KeyMark.Of(key.Bytes.Span) : null;

    [LoggerMessage(3014, LogLevel.Warning, "Flow {Flow}: releasing what is parked in partition {Partition} failed with {Code}; tried again in {Wait}")]
    public static partial void ReleaseFailed(ILogger logger, string flow, int partition, Messaging.Brokers.BrokerErrorCode code, TimeSpan wait, Exception exception);

    [LoggerMessage(3015, LogLevel.Warning, "Flow {Flow}: the process died {Deaths} times in a row with the same messages of partition {Partition} undone; offsets {From} to {To} run one at a time now")]
    public static partial void SuspectsAlone(ILogger logger, string flow, int partition, int deaths, long from, long to);

    [LoggerMessage(3016, LogLevel.Warning, "Flow {Flow}: offset {Offset} of partition {Partition} runs alone and takes long; the next suspect begins beside it")]
    public static partial void SuspectSlow(ILogger logger, string flow, int partition, long offset);

    [LoggerMessage(3017, LogLevel.Warning, "Flow {Flow}: its orderly end could not be kept ({Code}); the next start takes it for a death")]
    public static partial void EndNotKept(ILogger logger, string flow, Messaging.Brokers.BrokerErrorCode code, Exception exception);

    [LoggerMessage(3018, LogLevel.Warning, "Flow {Flow}: what waits no more could not be let go ({Code}); tried again later")]
    public static partial void TrimFailed(ILogger logger, string flow, Messaging.Brokers.BrokerErrorCode code, Exception exception);

    [LoggerMessage(3006, LogLevel.Warning, "Flow {Flow}: the flow's code threw")]
    public static partial void PipelineThrew(ILogger logger, string flow, Exception exception);

    [LoggerMessage(3007, LogLevel.Warning, "Flow {Flow}: commit failed with {Code}; the same unit is tried again in {Wait}")]
    public static partial void CommitFailed(ILogger logger, string flow, Messaging.Brokers.BrokerErrorCode code, TimeSpan wait, Exception exception);

    [LoggerMessage(3008, LogLevel.Information, "Flow {Flow}: partition {Partition} was given away; its uncommitted work is dropped")]
    public static partial void PartitionFenced(ILogger logger, string flow, int partition);

    [LoggerMessage(3009, LogLevel.Error, "Flow {Flow}: messages {From} to {Next} of partition {Partition} were removed before the flow saw them")]
    public static partial void Gap(ILogger logger, string flow, int partition, long from, long next);

    [LoggerMessage(3010, LogLevel.Warning, "Flow {Flow}: source failed with {Code}; opened again in {Wait}")]
    public static partial void SourceFailed(ILogger logger, string flow, Messaging.Brokers.BrokerErrorCode code, TimeSpan wait, Exception exception);

    [LoggerMessage(3011, LogLevel.Information, "Revision {Revision} is in force with {Flows} flows")]
    public static partial void RevisionInForce(ILogger logger, int revision, int flows);

    [LoggerMessage(3012, LogLevel.Warning, "Flow {Flow}: the outbox of the removed sink {Sink} could not be looked at; it is worked on until the node stops")]
    public static partial void SinkNotEmptied(ILogger logger, string flow, string sink, Exception exception);

    [LoggerMessage(3041, LogLevel.Warning, "Flow {Flow}: sink {Sink} paused after {Failures} failures in a row; its messages wait")]
    public static partial void SinkPaused(ILogger logger, string flow, string sink, int failures);

    [LoggerMessage(3042, LogLevel.Information, "Flow {Flow}: sink {Sink} works again")]
    public static partial void SinkGoesOn(ILogger logger, string flow, string sink);

    [LoggerMessage(3040, LogLevel.Warning, "Flow {Flow}: what is due in partition {Partition} could not be read: {Code}; tried again in a second")]
    public static partial void TimersFailed(ILogger logger, string flow, int partition, Messaging.Brokers.BrokerErrorCode code, Exception exception);
}
