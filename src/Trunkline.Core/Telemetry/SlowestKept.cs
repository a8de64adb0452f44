namespace Trunkline.Core.Telemetry;

/// <summary>
/// Tells which messages are among the slowest of the last seconds, so that their spans are kept although they were not sampled: the
/// <see cref="Kept"/> slowest of each window so far. Of n messages in random order about 8 + 8·ln(n/8) are kept. Thread-safe.
/// </summary>
/// <param name="time">The clock.</param>
public sealed class SlowestKept(TimeProvider time)
{
    /// <summary>The slowest remembered of a window.</summary>
    public const int Kept = 8;

    /// <summary>Length of a window.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly PriorityQueue<bool, long> _slowest = new(Kept + 1);
    private long _began = time.GetTimestamp();

    /// <summary>Notes how long a message took; true if its spans are worth keeping.</summary>
    public bool IsSlow(TimeSpan spent)
    {
        lock (_lock)
        {
            if (time.GetElapsedTime(_began) >= Window)
            {
                _began = time.GetTimestamp();
                _slowest.Clear();
            }

            if (_slowest.Count < Kept)
            {
                _slowest.Enqueue(true, spent.Ticks);
                return true;
            }

            if (!_slowest.TryPeek(out _, out var least) || spent.Ticks <= least)
            {
                return false;
            }

            _slowest.EnqueueDequeue(true, spent.Ticks);
            return true;
        }
    }
}
