namespace Trunkline.Server.Releases.Comparison.Statistics;

/// <summary>
/// A bounded sample of numbers that came of the same messages: every message is as likely to be in it as another (Vitter's algorithm
/// R, always by the same seed). Not thread-safe.
/// </summary>
internal sealed class TripleSample
{
    /// <summary>Most messages held.</summary>
    public const int Max = 2000;

    private readonly List<(double Before, double Again, double After)> _held = [];
    private readonly Random _random = new(104729);
    private long _seen;

    /// <summary>How many are held.</summary>
    public int Count => _held.Count;

    /// <summary>The incumbent's.</summary>
    public double[] Before => [.. _held.Select(triple => triple.Before)];

    /// <summary>The incumbent's second.</summary>
    public double[] Again => [.. _held.Select(triple => triple.Again)];

    /// <summary>The candidate's.</summary>
    public double[] After => [.. _held.Select(triple => triple.After)];

    /// <summary>Takes the numbers of one message.</summary>
    public void Add(double before, double again, double after)
    {
        _seen++;
        if (_held.Count < Max)
        {
            _held.Add((before, again, after));
        }
        else if (_random.NextInt64(_seen) is var place && place < Max)
        {
            _held[(int)place] = (before, again, after);
        }
    }
}
