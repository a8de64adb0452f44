namespace Trunkline.Brokers.Embedded.Commits;

/// <summary>Something the writer's thread has to do, in the order it was asked for.</summary>
internal abstract class WriterItem
{
    private const int Queued = 0;
    private const int Taken = 1;
    private const int Cancelled = 2;
    private int _state;

    /// <summary>Bytes it brings, about.</summary>
    public long Bytes { get; protected init; }

    /// <summary>The writer takes it: from now on it cannot be cancelled, its outcome is told. False if it was cancelled before.</summary>
    public bool TryTake() => Interlocked.CompareExchange(ref _state, Taken, Queued) == Queued;

    /// <summary>Takes it back while it waits; false if the writer has it.</summary>
    public bool TryCancel() => Interlocked.CompareExchange(ref _state, Cancelled, Queued) == Queued;

    /// <summary>Ends it with an error.</summary>
    public abstract void Fail(Exception error);
}
