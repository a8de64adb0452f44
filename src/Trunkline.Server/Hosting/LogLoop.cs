using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Sight.Logs;

namespace Trunkline.Server.Hosting;

/// <summary>Keeps what the node logs, twice a second, and the rest when it stops.</summary>
internal sealed class LogLoop(LogBook book, LogStore store, TimeProvider time, ILogger<LogLoop> logger) : BackgroundService
{
    private const int BatchLines = 1000;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    // What the broker did not take; it goes before all that came since.
    private List<LogLine> _kept = [];
    private bool _failed;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await KeepAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await KeepAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The node stops. A host whose start failed would tell the exception as a failure of its own.
        }
    }

    private async Task KeepAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (_kept.Count > 0 || (_kept = book.Take(BatchLines)).Count > 0)
            {
                await store.AppendAsync(_kept, cancellationToken);
                _kept = [];
            }

            _failed = false;
        }
        catch (BrokerException failure) when (!_failed)
        {
            // Said once: each time it is said there is one more line to keep.
            _failed = true;
            Log.LogsUnkept(logger, failure.Code, failure);
        }
        catch (BrokerException)
        {
            // Said already; lines wait, and the oldest go when there are too many.
        }
    }
}
