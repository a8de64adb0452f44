using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Server.Hosting;

/// <summary>Applies every topic's retention at the start, so that a node that often restarts keeps no more than others, and once a minute.</summary>
internal sealed class RetentionLoop(IBroker broker, TimeProvider time, ILogger<RetentionLoop> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!broker.Capabilities.HasFlag(BrokerCapabilities.Retention))
        {
            return;
        }

        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do
            {
                await ApplyAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The node stops. A host whose start failed would tell the exception as a failure of its own.
        }
    }

    private async Task ApplyAsync(CancellationToken stoppingToken)
    {
        try
        {
            var removed = await broker.ApplyRetentionAsync(force: false, stoppingToken);
            if (removed > 0)
            {
                Log.RetentionApplied(logger, removed);
            }
        }
        catch (BrokerException failure)
        {
            // Nothing is lost by keeping more for a minute; health shows a broker that goes on failing.
            Log.RetentionFailed(logger, failure.Code, failure);
        }
    }
}
