namespace Trunkline.Core.Limits;

/// <summary>
/// Keeps calls from a side that fails: after half of at least <see cref="CallsMin"/> calls in <see cref="Window"/> failed it rests for
/// a second, then lets one call try; while tries fail the rest doubles up to a minute. Also keeps the pause the other side asks for.
/// Not thread-safe.
/// </summary>
internal sealed class LimiterBreaker(TimeProvider time)
{
    public const int CallsMin = 10;

    public static readonly TimeSpan Window = TimeSpan.FromSeconds(10);
    public static readonly TimeSpan RestMin = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan RestMax = TimeSpan.FromMinutes(1);

    private DateTimeOffset _windowEnd;
    private DateTimeOffset _restEnd;
    private TimeSpan _rest;
    private int _calls;
    private int _failed;

    /// <summary>True while only one call at a time may try whether the other side is well again.</summary>
    public bool IsTrying { get; private set; }

    /// <summary>How often it has begun to rest: calls that began before a rest say nothing about what came after it.</summary>
    public int Round { get; private set; }

    /// <summary>How long nothing may be called; zero if it may.</summary>
    public TimeSpan Wait
    {
        get
        {
            var wait = _restEnd - time.GetUtcNow();
            return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
        }
    }

    /// <summary>Tells of a call that ended.</summary>
    /// <param name="failed">Whether it failed.</param>
    /// <param name="round">The round it began in.</param>
    public void Record(bool failed, int round)
    {
        if (round != Round)
        {
            return;
        }

        if (IsTrying)
        {
            if (failed)
            {
                Rest();
            }
            else
            {
                (IsTrying, _rest, _calls, _failed) = (false, TimeSpan.Zero, 0, 0);
            }

            return;
        }

        var now = time.GetUtcNow();
        if (now >= _windowEnd)
        {
            (_windowEnd, _calls, _failed) = (now + Window, 0, 0);
        }

        _calls++;
        _failed += failed ? 1 : 0;
        if (_calls >= CallsMin && _failed * 2 >= _calls)
        {
            Rest();
        }
    }

    /// <summary>The other side asks to be left alone so long.</summary>
    public void Pause(TimeSpan wait)
    {
        var end = time.GetUtcNow() + wait;
        _restEnd = end > _restEnd ? end : _restEnd;
    }

    private void Rest()
    {
        _rest = _rest == TimeSpan.Zero ? RestMin : _rest * 2 < RestMax ? _rest * 2 : RestMax;
        IsTrying = true;
        Round++;
        Pause(_rest);
    }
}
