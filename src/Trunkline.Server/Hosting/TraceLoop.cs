using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Sight.Traces;

namespace Trunkline.Server.Hosting;

/// <summary>Keeps, every second, the spans that wait to be kept, and what is left of them when the node stops.</summary>
/// <param name="store">Keeps them.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Is told of failures.</param>
/// <param name="share">Which of the node's own traces are kept; null for none.</param>
internal sealed class TraceLoop(TraceStore store, TimeProvider time, ILogger<TraceLoop> logger, TraceShare? share = null) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TryAsync(() => store.FlushAsync(cancellationToken));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            await TryAsync(() => store.OpenAsync(stoppingToken));
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                share?.Adapt();
                await TryAsync(() => store.FlushAsync(stoppingToken));
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The node stops. A host whose start failed would tell the exception as a failure of its own.
        }
    }

    private async Task TryAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (BrokerException failure)
        {
            // What was lost is counted; health shows a broker that goes on failing.
            Log.TracesNotKept(logger, failure.Code, failure);
        }
    }
}
