using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Trace;
using Trunkline.Core.Telemetry;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Sight.CriticalPaths;
using Trunkline.Server.Sight.Export;
using Trunkline.Server.Sight.Figures;
using Trunkline.Server.Sight.Traces;

namespace Trunkline.Bench.Telemetry;

/// <summary>All a node sees of itself, switched on for as long as this is not disposed: figures of hops, kept traces, and spans to a collector that takes everything.</summary>
internal sealed class SightOn : IAsyncDisposable
{
    private const double Sample = 0.01;

    private readonly HopFigures _figures = new(TimeProvider.System);
    private readonly TraceQueue _queue = new();
    private readonly TraceStore _store;
    private readonly TracerProvider _tracing;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _keeping;
    private readonly IDisposable _demand;

    /// <param name="broker">Traces are kept on it.</param>
    public SightOn(IBroker broker)
    {
        var share = new TraceShare(Sample);
        _store = new TraceStore(broker, _queue, 64_000_000);
        (_tracing, _demand) = Listen(_queue, share);
        _figures.StartAsync(CancellationToken.None);
        _keeping = KeepAsync(share);
    }

    /// <summary>Has spans recorded as a node has it.</summary>
    public static (TracerProvider Tracing, IDisposable Demand) Listen(TraceQueue queue, TraceShare share)
    {
        var (sampler, kept) = (new SampledSpans(Sample, share), new KeptSpans(queue));
        var tracing = Sdk.CreateTracerProviderBuilder().AddSource(TelemetryNames.Source).SetSampler(sampler).AddProcessor(kept).AddProcessor(_ => new BoundedSpans(new Nowhere(), 1000)).Build();
        return (tracing, TelemetrySource.Want(sampler.Exports, kept.Keeper(share, new TryBook().Note)));
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _keeping;
        _demand.Dispose();
        _tracing.Dispose();
        _figures.Dispose();
        _store.Dispose();
        _end.Dispose();
    }

    private async Task KeepAsync(TraceShare share)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), TimeProvider.System);
        try
        {
            while (await timer.WaitForNextTickAsync(_end.Token))
            {
                share.Adapt();
                await _store.FlushAsync(_end.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The measurement is over.
        }
    }

    private sealed class Nowhere : BaseExporter<Activity>
    {
        public override ExportResult Export(in Batch<Activity> batch) => ExportResult.Success;
    }
}
