using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Sight.Slos;

namespace Trunkline.Server.Hosting;

/// <summary>Counts what flows promise, every few seconds, and keeps what was counted when the node stops.</summary>
internal sealed class SightLoop(SloBook slos, Node node, TimeProvider time, ILogger<SightLoop> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do
            {
                await TryAsync(token => slos.CatchUpAsync(node.Project, token), stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The node stops. A host whose start failed would tell the exception as a failure of its own.
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TryAsync(token => slos.CloseAsync(node.Project, token), cancellationToken);
    }

    private async Task TryAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        try
        {
            await work(cancellationToken);
        }
        catch (BrokerException failure)
        {
            // The outcomes are there still and are counted when the broker takes something again; health shows one that goes on failing.
            Log.SightFailed(logger, failure.Code, failure);
        }
    }
}
