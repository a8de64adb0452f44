using Trunkline.Client.Api;

namespace Trunkline.Client.Consuming;

/// <summary>A message this consumer holds. Thread-safe.</summary>
/// <param name="message">As it was lent.</param>
internal sealed class HeldMessage(LeasedMessage message) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _lost = new();
    private bool _disposed;

    public LeasedMessage Message => message;

    /// <summary>Cancelled when the lease has ended: somebody else may have the message by now.</summary>
    public CancellationToken Lost { get; private set; }

    public static HeldMessage Of(LeasedMessage message)
    {
        var held = new HeldMessage(message);
        held.Lost = held._lost.Token;
        return held;
    }

    /// <summary>The lease has ended. Completes when whoever listens has been told.</summary>
    public Task LoseAsync()
    {
        lock (_lock)
        {
            return _disposed ? Task.CompletedTask : _lost.CancelAsync();
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _lost.Dispose();
        }
    }
}
