using Trunkline.Core.Limits;
using Trunkline.Models;

namespace Trunkline.Server.Configuration;

/// <summary>What bounds the calls of a model. Immutable.</summary>
public sealed record ModelLimitsConfig
{
    /// <summary>How many calls run at once; null to leave it to the kind: as they come for models of this machine, found out for others.</summary>
    public ConcurrencySettings? Concurrency { get; init; }

    /// <summary>Budgets, all of which hold. Default none.</summary>
    public IReadOnlyList<BudgetSettings> Budgets { get; init; } = [];

    /// <summary>What calls cost. Default nothing.</summary>
    public PriceConfig Price { get; init; } = new(0, 0, 0);
}

/// <summary>What calls cost, in any one currency.</summary>
/// <param name="Input">A million tokens read.</param>
/// <param name="Output">A million tokens written.</param>
/// <param name="Call">One call.</param>
public sealed record PriceConfig(decimal Input, decimal Output, decimal Call)
{
    private const decimal Million = 1_000_000;

    /// <summary>The price of a call.</summary>
    public decimal Of(long inputTokens, long outputTokens) => Call + (((inputTokens * Input) + (outputTokens * Output)) / Million);
}

/// <summary>What an <c>infer</c> step does while its model has no room.</summary>
public enum OverloadPolicy
{
    /// <summary>The message waits, and those behind it stay in the topic. The default.</summary>
    Buffer,

    /// <summary>Another model is asked.</summary>
    Reroute,

    /// <summary>The message becomes a dead letter, the lower its priority the sooner.</summary>
    Shed,
}

/// <summary>What happens while a model has no room.</summary>
/// <param name="Policy">What.</param>
/// <param name="Reroute">The other model; null unless rerouted.</param>
public sealed record OverloadConfig(OverloadPolicy Policy, string? Reroute = null);

/// <summary>Another model that is asked when one fails.</summary>
/// <param name="Model">Its name.</param>
/// <param name="On">After which failures.</param>
public sealed record FallbackConfig(string Model, IReadOnlyList<ModelFailure> On);

/// <summary>The language answers must be in.</summary>
/// <param name="By">The model that tells the language.</param>
/// <param name="Code">Code of ISO 639-1; null for the language of what is asked.</param>
public sealed record AnswerLanguageConfig(string By, string? Code);

/// <summary>One of the models a split shares the keys among.</summary>
/// <param name="Model">Its name.</param>
/// <param name="Share">Its part of the sum of all shares.</param>
public sealed record VersionShare(string Model, int Share);

/// <summary>What is done about a model's answers. Immutable.</summary>
public sealed record ModelAnswerConfig
{
    /// <summary>JSON Schema file its answers must fit, resolved; null for anything.</summary>
    public string? Schema { get; init; }

    /// <summary>The language its answers must be in; null for any.</summary>
    public AnswerLanguageConfig? Language { get; init; }

    /// <summary>Who is asked when it fails; null for nobody.</summary>
    public FallbackConfig? Fallback { get; init; }

    /// <summary>When the same is asked a second time; null for never.</summary>
    public TimeSpan? Hedge { get; init; }

    /// <summary>How long answers are kept; null for not at all.</summary>
    public TimeSpan? Cache { get; init; }

    /// <summary>What it is asked before it takes over; null for nothing.</summary>
    public string? WarmUp { get; init; }
}
