using Trunkline.Client.Api;

namespace Trunkline.Server.Releases.Comparison.Statistics;

/// <summary>
/// Turns counts into verdicts. Many things are looked at in one comparison, so chances are corrected for their number (Holm): the
/// chance that anything at all is called different without being so stays below <see cref="Alpha"/>.
/// </summary>
internal sealed class Evidence(bool exact, long messages)
{
    /// <summary>The chance of a false alarm, over everything looked at.</summary>
    public const double Alpha = 0.01;

    /// <summary>A share that is surely smaller than this counts as the same where chance plays a part.</summary>
    public const double Negligible = 0.01;

    private readonly List<(double P, Action<double> Take)> _asked = [];

    /// <summary>Asks about a count; the answer comes with <see cref="Answer"/>.</summary>
    public void Ask(PairedCount count, Action<string, double?> take)
    {
        if (messages == 0)
        {
            take(ComparisonVerdicts.NotEnoughEvidence, null);
        }
        else if (exact || count.Candidate == 0)
        {
            take(count.Candidate == 0 ? ComparisonVerdicts.Same : ComparisonVerdicts.Differs, null);
        }
        else
        {
            _asked.Add((count.PValue, p => take(VerdictOf(count, p), p)));
        }
    }

    /// <summary>Asks about a chance found by another test.</summary>
    public void Ask(double chance, Action<double> take) => _asked.Add((chance, take));

    /// <summary>Gives all answers.</summary>
    public void Answer()
    {
        var (most, left) = (0.0, _asked.Count);
        foreach (var (p, take) in _asked.OrderBy(asked => asked.P))
        {
            most = Math.Max(most, Math.Min(1, p * left--));
            take(most);
        }

        _asked.Clear();
    }

    private string VerdictOf(PairedCount count, double p)
    {
        if (p < Alpha)
        {
            return ComparisonVerdicts.Differs;
        }

        var surplus = Interval.OfShare(count.Candidate, messages).High - ((double)count.Noise / messages);
        return surplus < Negligible ? ComparisonVerdicts.Same : ComparisonVerdicts.NotEnoughEvidence;
    }
}
