using System.Diagnostics;
using Trunkline.Core.Telemetry;
using Trunkline.Messaging;

namespace Trunkline.Server.Connectors;

/// <summary>The trace context that goes out with a message.</summary>
internal static class OutgoingTrace
{
    /// <summary>While somebody listens the far side continues the delivery's span, else the message's own context; null if it has none.</summary>
    public static string? Of(Message message) =>
        Activity.Current is { Source.Name: TelemetryNames.Source } span ? span.Id : message.Headers.Text(HeaderNames.TraceParent);
}
