using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using Trunkline.Core.Security;
using Trunkline.Core.Telemetry;
using Trunkline.Server.Api.Security;
using Trunkline.Server.Hosting;

namespace Trunkline.Server.Api;

/// <summary><c>/metrics</c>: the node's meter and the runtime's, in Prometheus' text format.</summary>
internal static class ApiMetrics
{
    // From a commit on a fast disk to the time-out of a model; one set for all, so that hops can be compared.
    private static readonly double[] SecondsBounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

    private static readonly double[] CountBounds = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000];

    // Gauges of the runtime that break Prometheus' naming (promtool check metrics): "_count" is for histograms.
    private static readonly string[] Dropped = ["dotnet.assembly.count", "dotnet.process.cpu.count", "dotnet.timer.count"];

    public static void AddTo(IServiceCollection services) => services.AddOpenTelemetry()
        .ConfigureResource(resource => resource.AddService("trunkline", serviceVersion: Node.Version))
        .WithMetrics(metrics => metrics.AddMeter(TelemetryNames.Source, "System.Runtime").AddView(View).AddPrometheusExporter());

    private static MetricStreamConfiguration? View(Instrument instrument) => instrument switch
    {
        Histogram<double> or Histogram<long> => new ExplicitBucketHistogramConfiguration { Boundaries = instrument.Unit == "s" ? SecondsBounds : CountBounds },
        _ when Dropped.Contains(instrument.Name) => MetricStreamConfiguration.Drop,
        _ => null,
    };

    public static void Map(IEndpointRouteBuilder routes) => routes.MapPrometheusScrapingEndpoint("/metrics").Requires(Scopes.Read);
}
