using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Sight.Logs;

namespace Trunkline.Server.Hosting;

/// <summary>Keeps what the node and others log, twice a second, and the rest when it stops.</summary>
internal sealed class LogLoop(LogKeeper keeper, TimeProvider time, ILogger<LogLoop> logger) : BackgroundService
{
    private bool _isFailing;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await Turns().TryAsync(KeepAsync, cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Turns().RunAsync(KeepAsync, atOnce: false, stoppingToken);

    private Repeated Turns() => new(TimeSpan.FromMilliseconds(500), time, Failed);

    private async Task KeepAsync(CancellationToken cancellationToken)
    {
        await keeper.KeepAsync(cancellationToken);
        _isFailing = false;
    }

    private void Failed(BrokerException failure)
    {
        // Said once: each time it is said there is one more line to keep. Lines wait meanwhile, and the oldest go when there are too many.
        if (!_isFailing)
        {
            _isFailing = true;
            Log.LogsUnkept(logger, failure.Code, failure);
        }
    }
}
