using Trunkline.Core.Config;

namespace Trunkline.Server.Configuration;

/// <summary>What a flow promises. Its fidelity is measured against <see cref="Within"/>, its budgets against <see cref="Objectives"/>.</summary>
/// <param name="Where">Where it is written.</param>
public sealed record SloConfig(SourceLocation Where)
{
    /// <summary>The longest a message may take from its append to its delivery, 1 ms to 30 days; null for any time.</summary>
    public TimeSpan? Within { get; init; }

    /// <summary>The shares it promises, each with a budget of its own. Names are unique in the project.</summary>
    public IReadOnlyList<SloObjective> Objectives { get; init; } = [];

    /// <summary>Whether every tenant has budgets of its own beside those of the flow. Default false.</summary>
    public bool PerTenant { get; init; }

    /// <summary>Messages a burn rate is judged by at least. Default 30.</summary>
    public int Least { get; init; } = 30;

    /// <summary>A flow that finishes no message for so long is in trouble; null if quiet is fine.</summary>
    public TimeSpan? QuietMax { get; init; }
}

/// <summary>A share of a flow's messages, over a rolling window.</summary>
/// <param name="Name">Its name: <c>triage.latency</c>, or what an OpenSLO file calls it.</param>
/// <param name="Measure">What counts as good.</param>
/// <param name="Target">The share that has to be good, 0.5 to 0.99999.</param>
/// <param name="Window">Over how long, 1 to 366 days.</param>
public sealed record SloObjective(string Name, SloMeasure Measure, double Target, TimeSpan Window)
{
    /// <summary>The window, unless it says otherwise.</summary>
    public static readonly TimeSpan WindowDefault = TimeSpan.FromDays(30);

    /// <summary>What it is for, in the words of its author; null for none.</summary>
    public string? Description { get; init; }
}

/// <summary>What counts as good.</summary>
public enum SloMeasure
{
    /// <summary>Delivered at every sink within the flow's bound.</summary>
    Latency,

    /// <summary>Delivered at every sink, however late.</summary>
    Success,

    /// <summary>Delivered once, in order, within the bound, by the intended model.</summary>
    Fidelity,
}
