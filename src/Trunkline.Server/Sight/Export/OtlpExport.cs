using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Trunkline.Core.Security;
using Trunkline.Core.Telemetry;
using Trunkline.Server.Configuration;

namespace Trunkline.Server.Sight.Export;

/// <summary>Sends traces, metrics and logs to a collector, where the project names one.</summary>
internal static class OtlpExport
{
    private const int TimeoutMs = 10_000;

    /// <summary>Adds it to the services of a node; nothing listens to spans without it.</summary>
    public static void AddTo(IServiceCollection services, NodeConfig node, string version)
    {
        if (node.Telemetry.Otlp is not { } collector)
        {
            return;
        }

        var addresses = new OutgoingAddressPolicy(node.AllowAddresses);
        services.AddOpenTelemetry()
            .WithTracing(traces => traces
                .AddSource(TelemetryNames.Source)
                .SetSampler(new SampledSpans(node.Telemetry.Sample))
                .AddProcessor(_ => new BoundedSpans(new OtlpTraceExporter(Options(collector, addresses, "v1/traces")), TimeoutMs)))
            .WithMetrics(metrics => metrics.AddOtlpExporter(options => Set(options, collector, addresses, "v1/metrics")));
        services.AddLogging(logging => logging.AddOpenTelemetry(logs =>
        {
            logs.SetResourceBuilder(ResourceBuilder.CreateDefault().AddService("trunkline", serviceVersion: version));
            logs.AddOtlpExporter(options => Set(options, collector, addresses, "v1/logs"));
        }));
    }

    private static OtlpExporterOptions Options(OtlpConfig collector, OutgoingAddressPolicy addresses, string path)
    {
        var options = new OtlpExporterOptions();
        Set(options, collector, addresses, path);
        return options;
    }

    private static void Set(OtlpExporterOptions options, OtlpConfig collector, OutgoingAddressPolicy addresses, string path)
    {
        options.Protocol = collector.IsHttp ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc;
        options.Endpoint = collector.IsHttp ? new Uri(collector.Endpoint.AbsoluteUri.TrimEnd('/') + "/" + path) : collector.Endpoint;
        options.TimeoutMilliseconds = TimeoutMs;

        // Set in any case: of itself the exporter would take OTEL_EXPORTER_OTLP_HEADERS, and send another program's secret to this project's collector.
        options.Headers = collector.Authorization is { } authorization ? "Authorization=" + Uri.EscapeDataString(authorization) : "";

        options.HttpClientFactory = () => new HttpClient(addresses.CreateHandler()) { Timeout = TimeSpan.FromMilliseconds(TimeoutMs) };
    }
}
