using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Server.Hosting;

/// <summary>Applies every topic's retention at the start, so that a node that often restarts keeps no more than others, and once a minute.</summary>
internal sealed class RetentionLoop(IBroker broker, TimeProvider time, ILogger<RetentionLoop> logger) : BackgroundService
{
    private readonly Repeated _turns = new(

        // Nothing is lost by keeping more for a minute; health shows a broker that goes on failing.
        TimeSpan.FromMinutes(1), time, failure => Log.RetentionFailed(logger, failure.Code, failure));

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        broker.Capabilities.HasFlag(BrokerCapabilities.Retention) ? _turns.RunAsync(ApplyAsync, atOnce: true, stoppingToken) : Task.CompletedTask;

    private async Task ApplyAsync(CancellationToken cancellationToken)
    {
        var removed = await broker.ApplyRetentionAsync(force: false, cancellationToken);
        if (removed > 0)
        {
            Log.RetentionApplied(logger, removed);
        }
    }
}
