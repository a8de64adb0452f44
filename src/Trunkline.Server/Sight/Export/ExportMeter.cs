using System.Diagnostics.Metrics;
using Trunkline.Core.Telemetry;

namespace Trunkline.Server.Sight.Export;

/// <summary>The instruments of sending spans. Thread-safe.</summary>
internal static class ExportMeter
{
    private static readonly Meter Meter = new(TelemetryNames.Source);
    private static readonly Counter<long> Spans = Meter.CreateCounter<long>(TelemetryNames.ExportedSpans, "{span}", "Spans meant for the collector");

    private static readonly Counter<long> Requests = Meter.CreateCounter<long>(TelemetryNames.BufferedExports, "{request}", "Requests the collector did not take at first");

    public static void Sent(long spans, bool taken) => Count(spans, taken ? "sent" : "failed");

    public static void Dropped(long spans) => Count(spans, "dropped");

    public static void Buffered(string outcome) => Requests.Add(1, new KeyValuePair<string, object?>(TelemetryNames.Outcome, outcome));

    private static void Count(long spans, string outcome) => Spans.Add(spans, new KeyValuePair<string, object?>(TelemetryNames.Outcome, outcome));
}
