namespace Trunkline.Client.Api;

/// <summary>How well versions of models do.</summary>
/// <param name="Versions">By model, the version used last first.</param>
public sealed record ModelQualityList(IReadOnlyList<ModelQualityView> Versions);

/// <summary>What is known of one version of a model, as far back as recordings are kept.</summary>
public sealed record ModelQualityView
{
    /// <summary>The model's name in the project.</summary>
    public required string Model { get; init; }

    /// <summary>Its version.</summary>
    public required string Version { get; init; }

    /// <summary>Answers recorded.</summary>
    public long Answers { get; init; }

    /// <summary>When the first of them was recorded.</summary>
    public DateTimeOffset First { get; init; }

    /// <summary>When the last of them was recorded.</summary>
    public DateTimeOffset Last { get; init; }

    /// <summary>Half of the answers came within so many milliseconds; null if no times were recorded.</summary>
    public double? LatencyP50Ms { get; init; }

    /// <summary>99 of 100 came within so many milliseconds; null if no times were recorded.</summary>
    public double? LatencyP99Ms { get; init; }

    /// <summary>Tokens read, as told.</summary>
    public long InputTokens { get; init; }

    /// <summary>Tokens written, as told.</summary>
    public long OutputTokens { get; init; }

    /// <summary>What the answers cost, in the currency of the project's prices; null without a price.</summary>
    public decimal? Cost { get; init; }

    /// <summary>Labels told of messages it answered for.</summary>
    public long Labels { get; init; }

    /// <summary>Labels needed before agreement and calibration are told.</summary>
    public long LabelsNeeded { get; init; }

    /// <summary>Share of labels that are what it answered; null while there is not enough evidence.</summary>
    public double? Agreement { get; init; }

    /// <summary>Expected calibration error, 0 to 1: how far it is from as often right as it says; null while there is not enough evidence.</summary>
    public double? CalibrationError { get; init; }

    /// <summary>Brier's score, 0 to 1: 0 is perfect, 0.25 is a coin; null while there is not enough evidence.</summary>
    public double? Brier { get; init; }

    /// <summary>Ratings told.</summary>
    public long Ratings { get; init; }

    /// <summary>Their mean; null if there is none.</summary>
    public double? Rating { get; init; }

    /// <summary>Whether its scores are distributed as at first.</summary>
    public required DriftView Scores { get; init; }

    /// <summary>Whether the sizes of its inputs are distributed as at first.</summary>
    public required DriftView Inputs { get; init; }
}

/// <summary>Whether values are distributed as they were at first.</summary>
/// <param name="State"><c>stable</c>, <c>drifting</c>, or <c>not enough evidence</c>.</param>
/// <param name="Values">Values seen.</param>
/// <param name="ValuesNeeded">Values needed to tell.</param>
/// <param name="Psi">Population stability index; null while there is not enough evidence.</param>
/// <param name="Distance">Distance of Kolmogorov and Smirnov, 0 to 1; null while there is not enough evidence.</param>
/// <param name="Chance">How likely such a distance is by chance alone; null while there is not enough evidence.</param>
public sealed record DriftView(string State, long Values, long ValuesNeeded, double? Psi = null, double? Distance = null, double? Chance = null);
