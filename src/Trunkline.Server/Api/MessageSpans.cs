using System.Diagnostics;
using Trunkline.Core.Telemetry;
using Trunkline.Messaging;
using Trunkline.Messaging.Consuming;
using Trunkline.Server.Api.Events;

namespace Trunkline.Server.Api;

/// <summary>The spans of messages handed in and out over the API; null unless somebody listens.</summary>
internal static class MessageSpans
{
    /// <summary>A publish request begins.</summary>
    public static Activity? Send(string topic, HttpRequest request)
    {
        if (!TelemetrySource.IsOn)
        {
            return null;
        }

        var context = default(ActivityContext);
        if (TraceContext.Read(request.Headers) is { } trace)
        {
            ActivityContext.TryParse(trace.Parent, trace.State, isRemote: true, out context);
        }

        return Describe(TelemetrySource.Begin($"{SpanNames.Send} {topic}", ActivityKind.Producer, context), SpanNames.Send, topic);
    }

    /// <summary>Messages were lent to a consumer.</summary>
    public static void Received(string topic, string group, IReadOnlyList<LeasedDelivery> lent)
    {
        if (!TelemetrySource.IsOn || lent.Count == 0)
        {
            return;
        }

        var links = new List<ActivityLink>();
        foreach (var delivery in lent)
        {
            TelemetrySource.AddLink(links, delivery.Stored.Message.Headers.Text(HeaderNames.TraceParent));
        }

        using var span = Describe(TelemetrySource.Begin($"{SpanNames.Receive} {topic}", ActivityKind.Consumer, default, links), SpanNames.Receive, topic);
        span?.SetTag(SpanNames.ConsumerGroup, group);
        span?.SetTag(SpanNames.BatchCount, lent.Count);
    }

    private static Activity? Describe(Activity? span, string operation, string topic)
    {
        span?.SetTag(SpanNames.System, "trunkline");
        span?.SetTag(SpanNames.OperationType, operation);
        return span?.SetTag(SpanNames.Destination, topic);
    }
}
