namespace Trunkline.Server.Connectors;

/// <summary>
/// Wakes whoever waits for the next change. Take <see cref="Next"/> first, then look, then wait: no change between is missed.
/// Costs nothing while nobody waits. Thread-safe.
/// </summary>
internal sealed class ChangeSignal
{
    private TaskCompletionSource? _next;

    /// <summary>Completes at the next <see cref="Set"/> after this call.</summary>
    public Task Next
    {
        get
        {
            if (Volatile.Read(ref _next) is { } current)
            {
                return current.Task;
            }

            var created = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return (Interlocked.CompareExchange(ref _next, created, null) ?? created).Task;
        }
    }

    /// <summary>Wakes all who wait.</summary>
    public void Set() => Interlocked.Exchange(ref _next, null)?.TrySetResult();
}
