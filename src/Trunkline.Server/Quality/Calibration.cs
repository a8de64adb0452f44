namespace Trunkline.Server.Quality;

/// <summary>
/// Whether a model is as often right as it says: Brier's score, and the expected calibration error over ten equal bins of confidence (Guo and others, 2017). Not thread-safe.
/// </summary>
internal sealed class Calibration
{
    private const int Bins = 10;

    private readonly (long Count, double Confidence, long Right)[] _bins = new (long, double, long)[Bins];
    private double _squares;

    /// <summary>Answers judged.</summary>
    public long Count { get; private set; }

    /// <summary>Mean of (confidence − right)²: 0 is perfect, 0.25 is a coin.</summary>
    public double Brier => _squares / Count;

    /// <summary>Mean distance of confidence and share right, weighted by the bins' counts: 0 is perfect.</summary>
    public double Ece => _bins.Sum(bin => Math.Abs(bin.Confidence - bin.Right)) / Count;

    /// <summary>An answer that said so sure, and whether it was right.</summary>
    public void Add(double confidence, bool right)
    {
        ref var bin = ref _bins[Math.Min((int)(confidence * Bins), Bins - 1)];
        bin = (bin.Count + 1, bin.Confidence + confidence, bin.Right + (right ? 1 : 0));
        _squares += Math.Pow(confidence - (right ? 1 : 0), 2);
        Count++;
    }
}
