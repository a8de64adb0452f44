using System.Diagnostics;
using System.Reflection;
using System.Text.Json;
using Trunkline.Client.Api;

namespace Trunkline.Client.Http;

/// <summary>Spans of this package, named and tagged by OpenTelemetry's conventions for messaging.</summary>
internal static class ClientTelemetry
{
    /// <summary>What a program listens to: <c>AddSource("Trunkline.Client")</c>.</summary>
    public const string SourceName = "Trunkline.Client";

    private static readonly ActivitySource Source = new(SourceName, typeof(ClientTelemetry).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion);

    /// <summary>The span of a publish; null if nobody listens.</summary>
    public static Activity? Send(string topic, Uri node, int messages)
    {
        var span = Start("send", topic, ActivityKind.Producer, default);
        span?.SetTag("server.address", node.Host).SetTag("server.port", node.Port);
        return messages > 1 ? span?.SetTag("messaging.batch.message_count", messages) : span;
    }

    /// <summary>The span of handling one message, below the one that published it; null if nobody listens.</summary>
    public static Activity? Process(string topic, string group, EventView message)
    {
        ActivityContext.TryParse(Extension(message, "traceparent"), Extension(message, "tracestate"), isRemote: true, out var parent);
        var span = Start("process", topic, ActivityKind.Consumer, parent);
        return span?.SetTag("messaging.consumer.group.name", group).SetTag("messaging.message.id", message.Id)
            .SetTag("messaging.destination.partition.id", message.Partition);
    }

    /// <summary>The trace that messages published now belong to; nulls for none.</summary>
    public static (string? Parent, string? State) Trace() =>
        Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } id } current ? (id, current.TraceStateString) : (null, null);

    /// <summary>Marks a span as failed; the exception's text may hold what a message holds, so only its type is told.</summary>
    public static void Fail(Activity? span, Exception failure) =>
        span?.SetStatus(ActivityStatusCode.Error).SetTag("error.type", failure is TrunklineException refused ? refused.Code : failure.GetType().FullName);

    private static Activity? Start(string operation, string topic, ActivityKind kind, ActivityContext parent) => Source
        .StartActivity($"{operation} {topic}", kind, parent)?
        .SetTag("messaging.system", "trunkline").SetTag("messaging.operation.type", operation).SetTag("messaging.operation.name", operation)
        .SetTag("messaging.destination.name", topic);

    private static string? Extension(EventView message, string name) =>
        message.Extensions?.TryGetValue(name, out var value) == true && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
