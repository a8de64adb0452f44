using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Trunkline.Server.Traffic;

namespace Trunkline.Server.Hosting;

/// <summary>Lets the desk read along, four times a second.</summary>
internal sealed class TrafficLoop(TrafficDesk desk, TimeProvider time, ILogger<TrafficLoop> logger) : BackgroundService
{
    private readonly Repeated _turns = new(

        // Nothing is lost by looking later; health shows a broker that goes on failing.
        TimeSpan.FromMilliseconds(250), time, failure => Log.TrafficUnread(logger, failure.Code, failure));

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => _turns.RunAsync(desk.ReadAsync, atOnce: false, stoppingToken);
}
