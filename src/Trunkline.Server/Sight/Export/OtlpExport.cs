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
using Trunkline.Server.Sight.CriticalPaths;
using Trunkline.Server.Sight.Traces;

namespace Trunkline.Server.Sight.Export;

/// <summary>Sends traces, metrics and logs to a collector, where the project names one, and hands the spans the node keeps itself on.</summary>
internal static class OtlpExport
{
    private const int TimeoutMs = 10_000;
    private const long BufferBytesMax = 64_000_000;

    /// <summary>Adds it to the services of a node. Nothing listens to spans if they are neither sent nor kept.</summary>
    public static void AddTo(IServiceCollection services, NodeConfig node, string version)
    {
        var telemetry = node.Telemetry;
        var share = telemetry.TraceBytes == 0 ? null : new TraceShare(telemetry.Sample);
        if (share is not null)
        {
            services.AddSingleton(share);
        }

        if (share is null && telemetry.Otlp is null)
        {
            return;
        }

        var sampler = new SampledSpans(telemetry.Sample, share);
        services.AddSingleton(provider => new KeptSpans(provider.GetRequiredService<TraceQueue>()));
        services.AddHostedService(provider => new SpanDemand(
            mark => telemetry.Otlp is not null && sampler.Exports(mark), share is null ? null : provider.GetRequiredService<KeptSpans>().Keeper(share, provider.GetRequiredService<TryBook>().Note)));
        var sending = telemetry.Otlp is null ? null : Sending(services, telemetry.Otlp, node);
        services.AddOpenTelemetry().WithTracing(traces =>
        {
            traces.AddSource(TelemetryNames.Source).SetSampler(sampler);
            if (share is not null)
            {
                traces.AddProcessor(provider => provider.GetRequiredService<KeptSpans>());
            }

            if (sending is not null)
            {
                traces.AddProcessor(_ => new BoundedSpans(new OtlpTraceExporter(sending("v1/traces", new OtlpExporterOptions())), TimeoutMs));
            }
        });
        if (sending is not null)
        {
            services.AddOpenTelemetry().WithMetrics(metrics => metrics.AddOtlpExporter(options => sending("v1/metrics", options)));
            services.AddLogging(logging => logging.AddOpenTelemetry(logs =>
            {
                logs.SetResourceBuilder(ResourceBuilder.CreateDefault().AddService("trunkline", serviceVersion: version));
                // Else a collector is sent "Flow {Flow}: started", and no search by what a line says finds it.
                logs.IncludeFormattedMessage = true;
                logs.AddOtlpExporter(options => sending("v1/logs", options));
            }).AddFilter<OpenTelemetryLoggerProvider>(Steps.Log.Programs, LogLevel.None));
        }
    }

    /// <summary>How exporters send: through a buffer on disk, which is sent again as soon as the collector takes something.</summary>
    private static Func<string, OtlpExporterOptions, OtlpExporterOptions> Sending(IServiceCollection services, OtlpConfig collector, NodeConfig node)
    {
        var addresses = new OutgoingAddressPolicy(node.AllowAddresses);
        var buffer = new OutgoingBuffer(Path.Combine(node.Data, "telemetry-out"), BufferBytesMax);
        services.AddHostedService(provider => new BufferedResend(buffer, collector, Client(addresses.CreateHandler()), provider.GetRequiredService<TimeProvider>()));
        return (path, options) =>
        {
            options.Protocol = collector.IsHttp ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc;
            options.Endpoint = collector.IsHttp ? new Uri(collector.Endpoint.AbsoluteUri.TrimEnd('/') + "/" + path) : collector.Endpoint;
            options.TimeoutMilliseconds = TimeoutMs;

            // Set in any case: of itself the exporter would take OTEL_EXPORTER_OTLP_HEADERS, and send another program's secret to this project's collector.
            options.Headers = collector.Authorization is { } authorization ? "Authorization=" + Uri.EscapeDataString(authorization) : "";

            options.HttpClientFactory = () => Client(new BufferedSending(addresses.CreateHandler(), buffer));
            return options;
        };
    }

    private static HttpClient Client(HttpMessageHandler handler) => new(handler) { Timeout = TimeSpan.FromMilliseconds(TimeoutMs) };
}
