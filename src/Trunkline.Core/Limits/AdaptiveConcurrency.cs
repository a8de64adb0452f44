namespace Trunkline.Core.Limits;

/// <summary>
/// Finds out how many calls another side can take at once. Answers that come about as fast as ever raise the limit, slower ones lower
/// it in proportion, and a refusal for overload cuts it by three tenths. Not thread-safe.
/// </summary>
/// <remarks>
/// Judged in windows of some calls, so that one slow answer means nothing. What is normal is the fastest window, moved slowly towards
/// what is seen, so that a model that has become slower for good gets its concurrency back.
/// </remarks>
internal sealed class AdaptiveConcurrency(ConcurrencySettings settings)
{
    private const int WindowCallsMin = 10;
    private const double Tolerance = 2;

    // Of answers that come within milliseconds, twice the time is the machine's noise and not the other side's trouble.
    private const double SlackSeconds = 0.01;
    private const double Cut = 0.7;
    private const double Smoothing = 0.5;
    private const double Drift = 0.02;

    private double _limit = Math.Clamp(settings.Start, settings.Min, settings.Max);
    private double _normal;
    private double _sum;
    private int _calls;
    private int _busiest;
    private bool _overloaded;

    /// <summary>Calls that may run at once now.</summary>
    public int Limit => (int)_limit;

    /// <summary>Tells of a call that ended.</summary>
    /// <param name="seconds">How long it took.</param>
    /// <param name="overloaded">The other side had no room: 429, 503, no answer in time.</param>
    /// <param name="running">Calls that ran when it ended, this one included.</param>
    public void Record(double seconds, bool overloaded, int running)
    {
        if (overloaded && !_overloaded)
        {
            // At once, but only once a window: those that ran beside it will be refused as well.
            _overloaded = true;
            Set(_limit * Cut);
        }

        _calls++;
        _sum += overloaded ? 0 : seconds;
        _busiest = Math.Max(_busiest, running);
        if (_calls >= Math.Max(WindowCallsMin, Limit))
        {
            Judge();
            (_calls, _sum, _busiest, _overloaded) = (0, 0, 0, false);
        }
    }

    private void Judge()
    {
        if (_overloaded)
        {
            return;
        }

        var mean = _sum / _calls;
        _normal = _normal == 0 || mean < _normal ? mean : _normal + ((mean - _normal) * Drift);
        var gradient = mean == 0 ? 1 : Math.Clamp(((_normal * Tolerance) + SlackSeconds) / mean, 0.5, 1);
        var room = gradient == 1 && _busiest * 2 >= _limit ? Math.Sqrt(_limit) : 0;
        Set((_limit * (1 - Smoothing)) + (((_limit * gradient) + room) * Smoothing));
    }

    private void Set(double limit) => _limit = Math.Clamp(limit, settings.Min, settings.Max);
}
