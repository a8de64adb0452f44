using Trunkline.Server.Effects;

namespace Trunkline.Server.Quality;

/// <summary>What is known of one version of a model: what it answered, at which cost, and what was told of it later. Bounded; not thread-safe.</summary>
/// <param name="model">The model's name in the project.</param>
/// <param name="version">Its version.</param>
internal sealed class VersionTally(string model, string version)
{
    /// <summary>Labels needed before agreement and calibration are told.</summary>
    public const int LabelsMin = 100;

    /// <summary>Different labels remembered of one version.</summary>
    private const int LabelsMax = 1000;

    private readonly HashSet<string> _labels = new(StringComparer.Ordinal);

    public string Model => model;

    public string Version => version;

    public long Answers { get; private set; }

    public DateTimeOffset First { get; private set; }

    public DateTimeOffset Last { get; private set; }

    public Latencies Latencies { get; } = new();

    public long InputTokens { get; private set; }

    public long OutputTokens { get; private set; }

    public decimal? Cost { get; private set; }

    public long Labels { get; private set; }

    public long Agreed { get; private set; }

    public Calibration Calibration { get; } = new();

    public long Ratings { get; private set; }

    public double RatingSum { get; private set; }

    public Drift Inputs { get; } = new();

    public Drift Scores { get; } = new();

    public Prediction Add(RecordedEffect answer, DateTimeOffset at)
    {
        Answers++;
        (First, Last) = (Answers == 1 ? at : First, at);
        if (answer.Took is { } took)
        {
            Latencies.Add(took);
        }

        if (answer.Usage is { } usage)
        {
            InputTokens += usage.InputTokens ?? 0;
            OutputTokens += usage.OutputTokens ?? 0;
            Cost = usage.Cost is { } cost ? (Cost ?? 0) + cost : Cost;
        }

        var said = Prediction.Of(answer.Answer);
        if (said.Label is { } label && _labels.Count < LabelsMax)
        {
            _labels.Add(label);
        }

        if (said.Score is { } score)
        {
            Scores.Add(score);
        }

        if (answer.InputBytes is { } bytes)
        {
            Inputs.Add(bytes);
        }

        return said;
    }

    /// <summary>
    /// A label was told of a message it answered for. <c>model:label</c> names the model it is about; any other label is about the models that have ever chosen it. For a model
    /// that says yes or no its own name is yes, and <c>not-</c> before it no.
    /// </summary>
    public void Label(in Prediction said, string told)
    {
        var named = told.StartsWith(model + ":", StringComparison.OrdinalIgnoreCase);
        var label = (named ? told[(model.Length + 1)..] : told).Trim().ToLowerInvariant();
        if (said.Label is "true" or "false")
        {
            label = label.Equals(model, StringComparison.OrdinalIgnoreCase) ? "true" : label.Equals("not-" + model, StringComparison.OrdinalIgnoreCase) ? "false" : label;
            named |= label is "true" or "false";
        }

        if (said.Label is null || !(named || _labels.Contains(label)))
        {
            return;
        }

        var right = said.Label == label;
        Labels++;
        Agreed += right ? 1 : 0;
        if (said.Confidence is { } confidence)
        {
            Calibration.Add(confidence, right);
        }
    }

    public void Rate(double value)
    {
        Ratings++;
        RatingSum += value;
    }
}
