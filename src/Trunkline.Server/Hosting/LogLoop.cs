using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Sight.Logs;

namespace Trunkline.Server.Hosting;

/// <summary>Keeps what the node logs, twice a second, and the rest when it stops.</summary>
internal sealed class LogLoop(LogBook book, LogStore store, TimeProvider time, ILogger<LogLoop> logger) : BackgroundService
{
    private const int BatchLines = 1000;

    // What the broker did not take; it goes before all that came since.
    private List<LogLine> _kept = [];
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
        while (_kept.Count > 0 || (_kept = book.Take(BatchLines)).Count > 0)
        {
            await store.AppendAsync(_kept, cancellationToken);
            _kept = [];
        }

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
