using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Pacts;

namespace Trunkline.Server.Hosting;

/// <summary>Tells webhooks of pacts what is due, twice a second.</summary>
internal sealed class PactHookLoop(PactDeliveries deliveries, TimeProvider time, ILogger<PactHookLoop> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await DeliverAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The node stops; what was not told is stored, and told by the next.
        }
    }

    private async Task DeliverAsync(CancellationToken stoppingToken)
    {
        try
        {
            await deliveries.DeliverAsync(stoppingToken);
        }
        catch (BrokerException failure)
        {
            // What was told and not noted is told again; health shows a broker that goes on failing.
            Log.PactHooksUntold(logger, failure.Code, failure);
        }
    }
}
