namespace Trunkline.Core.Limits;

/// <summary>How many calls may run at once. Immutable.</summary>
public sealed record ConcurrencySettings
{
    /// <summary>The floor: however slow the other side is, so many run. Default 1, at least 1.</summary>
    public int Min { get; init; } = 1;

    /// <summary>The ceiling. Default 256, at least <see cref="Min"/>.</summary>
    public int Max { get; init; } = 256;

    /// <summary>Where it begins, before anything is known. Default 16, cut to the bounds.</summary>
    public int Start { get; init; } = 16;

    /// <summary>Calls that may wait when those that wait are shed by priority. Default 100.</summary>
    public int Queue { get; init; } = 100;
}
