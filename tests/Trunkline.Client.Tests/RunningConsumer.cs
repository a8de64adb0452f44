namespace Trunkline.Client.Tests;

/// <summary>A consumer that runs until it is stopped.</summary>
internal sealed class RunningConsumer : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _run;

    public RunningConsumer(Func<CancellationToken, Task> run) => _run = run(_stop.Token);

    /// <summary>Asks it to stop, which it knows when this returns, and waits until it has.</summary>
    public Task StopAsync()
    {
        _stop.Cancel();
        return EndedAsync();
    }

    /// <summary>Waits until it ends by itself, and throws what it ended with.</summary>
    public Task EndedAsync() => _run.WaitAsync(TimeSpan.FromSeconds(90), TimeProvider.System, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }
}
