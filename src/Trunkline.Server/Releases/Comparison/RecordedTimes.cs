using Trunkline.Server.Effects;
using Trunkline.Server.Releases.Comparison.Statistics;

namespace Trunkline.Server.Releases.Comparison;

/// <summary>How long recorded answers took, the newest of each name with version. Not thread-safe.</summary>
internal sealed class RecordedTimes
{
    private readonly Dictionary<string, Queue<double>> _times = new(StringComparer.Ordinal);

    /// <summary>Takes an answer of the recording, in the order recorded.</summary>
    public void Add(RecordedEffect effect)
    {
        if (effect.Took is not { } took)
        {
            return;
        }

        if (!_times.TryGetValue(effect.Name, out var times))
        {
            _times.Add(effect.Name, times = new Queue<double>());
        }

        if (times.Count == TripleSample.Max)
        {
            times.Dequeue();
        }

        times.Enqueue(took.TotalMilliseconds);
    }

    /// <summary>Milliseconds by name with version; none if nothing was recorded.</summary>
    public double[] Of(string name) => _times.TryGetValue(name, out var times) ? [.. times] : [];
}
