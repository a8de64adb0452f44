using System.Diagnostics.Metrics;
using Trunkline.Core.Telemetry;

namespace Trunkline.Server.Sight.Traces;

/// <summary>The instruments of kept traces and of what others send. Thread-safe.</summary>
internal static class TraceMeter
{
    private static readonly Meter Meter = new(TelemetryNames.Source);
    private static readonly Counter<long> Kept = Meter.CreateCounter<long>(TelemetryNames.KeptSpans, "{span}", "Spans meant to be kept by the node");
    private static readonly Counter<long> Received = Meter.CreateCounter<long>(TelemetryNames.ReceivedTelemetry, "{item}", "Spans, log records and metrics other services sent");

    public static void Taken(long spans) => Count(Kept, spans, "taken");

    public static void Dropped(long spans) => Count(Kept, spans, "dropped");

    public static void Repeated(long spans) => Count(Kept, spans, "repeated");

    public static void Arrived(string kind, string outcome, long items)
    {
        if (items > 0)
        {
            Received.Add(items, new(TelemetryNames.Kind, kind), new(TelemetryNames.Outcome, outcome));
        }
    }

    private static void Count(Counter<long> counter, long items, string outcome)
    {
        if (items > 0)
        {
            counter.Add(items, new KeyValuePair<string, object?>(TelemetryNames.Outcome, outcome));
        }
    }
}
