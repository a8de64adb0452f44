using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Trunkline.Server.Pacts;

namespace Trunkline.Server.Hosting;

/// <summary>Tells webhooks of pacts what is due, twice a second.</summary>
internal sealed class PactHookLoop(PactDeliveries deliveries, TimeProvider time, ILogger<PactHookLoop> logger) : BackgroundService
{
    private readonly Repeated _turns = new(

        // What was told and not noted is told again; health shows a broker that goes on failing.
        TimeSpan.FromMilliseconds(500), time, failure => Log.PactHooksUntold(logger, failure.Code, failure));

    // What was not told when the node stops is stored, and told by the next.
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => _turns.RunAsync(deliveries.DeliverAsync, atOnce: false, stoppingToken);
}
