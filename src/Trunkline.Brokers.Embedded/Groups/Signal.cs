namespace Trunkline.Brokers.Embedded.Groups;

/// <summary>
/// Wakes whoever waits for the next change. Take <see cref="Next"/> first, then look, then wait: no change between is missed.
/// Costs nothing while nobody waits. Thread-safe.
/// </summary>
internal sealed class Signal
{
    private TaskCompletionSource? _next;

    /// <summary>Completes at the next <see cref="Set"/> after this call.</summary>
    public Task Next
    {
        get
        {
            var current = Volatile.Read(ref _next);
            if (current is not null)
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
