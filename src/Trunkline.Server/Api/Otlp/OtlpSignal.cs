namespace Trunkline.Server.Api.Otlp;

/// <summary>One of the three kinds of telemetry OTLP carries, with the names its requests and answers have.</summary>
/// <param name="Name">As in the path and in metrics.</param>
/// <param name="Service">The service over gRPC.</param>
/// <param name="Rejected">What the answer in JSON calls those that were refused.</param>
internal sealed record OtlpSignal(string Name, string Service, string Rejected)
{
    public static OtlpSignal Traces { get; } = new("traces", "opentelemetry.proto.collector.trace.v1.TraceService", "rejectedSpans");

    public static OtlpSignal Metrics { get; } = new("metrics", "opentelemetry.proto.collector.metrics.v1.MetricsService", "rejectedDataPoints");

    public static OtlpSignal Logs { get; } = new("logs", "opentelemetry.proto.collector.logs.v1.LogsService", "rejectedLogRecords");

    public static IReadOnlyList<OtlpSignal> All { get; } = [Traces, Metrics, Logs];
}

/// <summary>What became of a request.</summary>
/// <param name="Rejected">How many of its items were refused.</param>
/// <param name="Remark">Why, or what its sender should know; null for nothing.</param>
internal sealed record OtlpAnswer(long Rejected, string? Remark);
