using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Trunkline.Server.Sight.Traces;

namespace Trunkline.Server.Hosting;

/// <summary>Keeps, every second, the spans that wait to be kept, and what is left of them when the node stops.</summary>
/// <param name="store">Keeps them.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Is told of failures.</param>
/// <param name="share">Which of the node's own traces are kept; null for none.</param>
internal sealed class TraceLoop(TraceStore store, TimeProvider time, ILogger<TraceLoop> logger, TraceShare? share = null) : BackgroundService
{
    private readonly Repeated _turns = new(

        // What was lost is counted; health shows a broker that goes on failing.
        TimeSpan.FromSeconds(1), time, failure => Log.TracesNotKept(logger, failure.Code, failure));

    private bool _opened;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await _turns.TryAsync(store.FlushAsync, cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => _turns.RunAsync(KeepAsync, atOnce: true, stoppingToken);

    private async Task KeepAsync(CancellationToken cancellationToken)
    {
        if (!_opened)
        {
            // Once, also if it fails: what was kept before is then not found, what comes is.
            _opened = true;
            await store.OpenAsync(cancellationToken);
        }

        share?.Adapt();
        await store.FlushAsync(cancellationToken);
    }
}
