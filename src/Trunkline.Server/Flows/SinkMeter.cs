using System.Diagnostics;
using System.Diagnostics.Metrics;
using Trunkline.Core.Telemetry;

namespace Trunkline.Server.Flows;

/// <summary>The instruments of sinks. Thread-safe.</summary>
internal static class SinkMeter
{
    private static readonly Meter Meter = new(TelemetryNames.Source);

    private static readonly UpDownCounter<long> Open = Meter.CreateUpDownCounter<long>(
        TelemetryNames.SinkPaused, "{sink}", "1 while the sink's breaker is open");

    private static readonly Counter<long> Opened = Meter.CreateCounter<long>(TelemetryNames.SinkPauses, "{pause}", "Times a sink's breaker opened");

    /// <summary>A breaker opened, or closed.</summary>
    public static void Breaker(string flow, string sink, bool open)
    {
        var labels = new TagList { { TelemetryNames.Flow, flow }, { TelemetryNames.Hop, sink } };
        Open.Add(open ? 1 : -1, labels);
        if (open)
        {
            Opened.Add(1, labels);
        }
    }
}
