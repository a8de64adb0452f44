using Trunkline.Core.Errors;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Configuration;
using Trunkline.Server.Sight.Logs;
using Trunkline.Server.Sight.Metrics;
using Trunkline.Server.Sight.Traces;

namespace Trunkline.Server.Api.Otlp;

/// <summary>
/// Takes what other services tell over OTLP: spans are kept with the node's own and drawn on the map, log records are kept with its own, and what services measured of their requests with the figures of its hops. Thread-safe.
/// </summary>
/// <param name="queue">Where spans wait to be kept.</param>
/// <param name="logs">Where log records do.</param>
/// <param name="meters">Take metrics.</param>
/// <param name="telemetry">Whether they are kept.</param>
/// <param name="time">The clock.</param>
internal sealed class OtlpIntake(TraceQueue queue, LogBook logs, ServiceMeters meters, TelemetryConfig telemetry, TimeProvider time)
{
    /// <summary>Bytes of a request at most, unpacked.</summary>
    public const int BytesMax = 16 * 1024 * 1024;

    /// <summary>Takes a request.</summary>
    /// <exception cref="ProblemException">It is none, or there is no room now.</exception>
    public OtlpAnswer Take(OtlpSignal signal, ReadOnlyMemory<byte> body, bool isJson)
    {
        try
        {
            return signal == OtlpSignal.Traces ? Spans(body, isJson) : signal == OtlpSignal.Logs ? Logs(body, isJson) : Metrics(body, isJson);
        }
        catch (InvalidDataException failure)
        {
            throw new ProblemException(ErrorCodes.RequestBodyInvalid, $"The body is no OTLP request of {signal.Name} in {(isJson ? "JSON" : "Protobuf")}: {failure.Message}.");
        }
    }

    private OtlpAnswer Spans(ReadOnlyMemory<byte> body, bool isJson)
    {
        var batch = new SpanBatch(TraceTime.Of(time.GetUtcNow()));
        if (isJson)
        {
            OtlpJson.Spans(body, batch);
        }
        else
        {
            OtlpReader.Spans(body.Span, batch);
        }

        if (telemetry.TraceBytes > 0 && !queue.TryAdd(batch.Spans))
        {
            throw new ProblemException(ErrorCodes.TelemetryOverloaded, $"{TraceQueue.SpansMax} spans wait already.") { RetryAfter = TimeSpan.FromSeconds(1) };
        }

        TraceMeter.Arrived("spans", "taken", batch.Spans.Count);
        TraceMeter.Arrived("spans", "refused", batch.Refused);
        return new OtlpAnswer(batch.Refused, batch.Remark());
    }

    private OtlpAnswer Logs(ReadOnlyMemory<byte> body, bool isJson)
    {
        var batch = new LogBatch(time.GetUtcNow());
        if (isJson)
        {
            OtlpLogs.Read(body, batch);
        }
        else
        {
            OtlpLogs.Read(body.Span, batch);
        }

        if (!logs.TryAdd(batch.Lines))
        {
            throw new ProblemException(ErrorCodes.TelemetryOverloaded, "Log records wait already, as many as there is room for.") { RetryAfter = TimeSpan.FromSeconds(1) };
        }

        TraceMeter.Arrived("logs", "taken", batch.Lines.Count);
        TraceMeter.Arrived("logs", "refused", batch.Refused);
        TraceMeter.Arrived("logs", "cut", batch.Cut);
        return new OtlpAnswer(batch.Refused, batch.Remark());
    }

    private OtlpAnswer Metrics(ReadOnlyMemory<byte> body, bool isJson)
    {
        var batch = new MetricBatch();
        if (isJson)
        {
            OtlpMetricsJson.Read(body, batch);
        }
        else
        {
            OtlpMetrics.Read(body.Span, batch);
        }

        meters.Add(batch.Points);
        TraceMeter.Arrived("metrics", "taken", batch.Known);
        TraceMeter.Arrived("metrics", "unknown", batch.Unknown);
        TraceMeter.Arrived("metrics", "refused", batch.Refused);
        return new OtlpAnswer(batch.Refused, batch.Remark());
    }
}
