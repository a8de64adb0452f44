namespace Trunkline.Server.Releases.Comparison.Statistics;

/// <summary>Counts messages in which something differs: of the candidate from the incumbent, and of the incumbent from itself. Not thread-safe.</summary>
internal sealed class PairedCount
{
    private long _candidateOnly;
    private long _noiseOnly;

    /// <summary>Messages in which the candidate differs.</summary>
    public long Candidate { get; private set; }

    /// <summary>Messages in which the incumbent differs from itself.</summary>
    public long Noise { get; private set; }

    /// <summary>The chance of so many more differences of the candidate than of the incumbent itself, by the sign test.</summary>
    public double PValue => SignTest.Greater(_candidateOnly, _noiseOnly);

    /// <summary>Counts one message.</summary>
    public void Add(bool noise, bool candidate)
    {
        Noise += noise ? 1 : 0;
        Candidate += candidate ? 1 : 0;
        _candidateOnly += candidate && !noise ? 1 : 0;
        _noiseOnly += noise && !candidate ? 1 : 0;
    }
}
