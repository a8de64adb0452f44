using Trunkline.Messaging.Brokers;

namespace Trunkline.Server.Hosting;

/// <summary>Work the node does again and again. A failing broker ends none of it: it is told, and the next turn tries again.</summary>
/// <param name="interval">From one turn to the next.</param>
/// <param name="time">The clock.</param>
/// <param name="failed">Is told of failures.</param>
internal sealed class Repeated(TimeSpan interval, TimeProvider time, Action<BrokerException> failed)
{
    /// <summary>Runs until cancelled, and then ends without an exception: a host whose start failed would tell it as a failure of its own.</summary>
    /// <param name="work">One turn.</param>
    /// <param name="atOnce">Whether the first turn comes at once; else after an interval.</param>
    /// <param name="stoppingToken">Ends it.</param>
    public async Task RunAsync(Func<CancellationToken, Task> work, bool atOnce, CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(interval, time);
        try
        {
            for (var isDue = atOnce; ; isDue = true)
            {
                if (isDue)
                {
                    await TryAsync(work, stoppingToken);
                }

                await timer.WaitForNextTickAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The node stops.
        }
    }

    /// <summary>One turn.</summary>
    public async Task TryAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        try
        {
            await work(cancellationToken);
        }
        catch (BrokerException failure)
        {
            failed(failure);
        }
    }
}
