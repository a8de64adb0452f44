using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Traffic;

namespace Trunkline.Server.Hosting;

/// <summary>Lets the desk read along, four times a second.</summary>
internal sealed class TrafficLoop(TrafficDesk desk, TimeProvider time, ILogger<TrafficLoop> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await ReadAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The node stops. A host whose start failed would tell the exception as a failure of its own.
        }
    }

    private async Task ReadAsync(CancellationToken stoppingToken)
    {
        try
        {
            await desk.ReadAsync(stoppingToken);
        }
        catch (BrokerException failure)
        {
            // Nothing is lost by looking later; health shows a broker that goes on failing.
            Log.TrafficUnread(logger, failure.Code, failure);
        }
    }
}
