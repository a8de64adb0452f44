namespace Trunkline.Core.Telemetry;

/// <summary>
/// Tells which messages are among the slowest of the last seconds, so that their spans are kept although they were not sampled: the
/// <see cref="Kept"/> slowest of each window so far. Of n messages in random order about 8 + 8·ln(n/8) are kept; while lag grows each is slower than
/// all before it, and beyond <see cref="Many"/> only those that are so by <see cref="Margin"/> are. Thread-safe.
/// </summary>
/// <param name="time">The clock.</param>
public sealed class SlowestKept(TimeProvider time)
{
    /// <summary>The slowest remembered of a window.</summary>
    public const int Kept = 8;

    /// <summary>Kept of a window before a margin is asked for: more than millions in random order need.</summary>
    public const int Many = 256;

    /// <summary>How much slower the next must be then, as a share.</summary>
    public const double Margin = 0.02;

    /// <summary>Length of a window.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly PriorityQueue<bool, long> _slowest = new(Kept + 1);
    private long _began = time.GetTimestamp();
    private int _kept;
    private long _greatest = long.MinValue;

    // What a message must exceed; read without the lock, since nearly all do not.
    private long _bound = long.MinValue;

    /// <summary>Notes how long a message took; true if its spans are worth keeping.</summary>
    public bool IsSlow(TimeSpan spent)
    {
        if (spent.Ticks <= Volatile.Read(ref _bound) && time.GetElapsedTime(Volatile.Read(ref _began)) < Window)
        {
            return false;
        }

        lock (_lock)
        {
            if (time.GetElapsedTime(_began) >= Window)
            {
                Volatile.Write(ref _began, time.GetTimestamp());
                _slowest.Clear();
                (_kept, _greatest, _bound) = (0, long.MinValue, long.MinValue);
            }

            if (spent.Ticks <= _bound)
            {
                return false;
            }

            _kept++;
            _greatest = Math.Max(_greatest, spent.Ticks);
            _slowest.Enqueue(true, spent.Ticks);
            if (_slowest.Count > Kept)
            {
                _slowest.Dequeue();
            }

            Volatile.Write(ref _bound, Bound());
            return true;
        }
    }

    private long Bound() =>
        _kept >= Many ? (long)(_greatest * (1 + Margin))
        : _slowest.Count == Kept && _slowest.TryPeek(out _, out var least) ? least
        : long.MinValue;
}
