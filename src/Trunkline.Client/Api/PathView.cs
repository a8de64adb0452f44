namespace Trunkline.Client.Api;

/// <summary>What bounds how long messages take through a flow: the critical paths of those that were delivered.</summary>
/// <param name="Flow">The flow.</param>
/// <param name="Messages">How many ways it is made of.</param>
/// <param name="Sampled">True if they were kept for their ids; false if only failed and slow ones are kept, so that quantiles are too long.</param>
/// <param name="From">When the first came in.</param>
/// <param name="Until">When the last was delivered.</param>
/// <param name="P50Ms">Half were delivered within this.</param>
/// <param name="P99Ms">99 of 100 were delivered within this.</param>
/// <param name="Shares">Whose time the paths are made of, the most at p99 first.</param>
/// <param name="Examples">A way of the length of p50, and one of p99.</param>
/// <param name="WhatIf">What would be if an owner took another time; none if not asked.</param>
public sealed record PathView(
    string Flow,
    int Messages,
    bool Sampled,
    DateTimeOffset From,
    DateTimeOffset Until,
    double P50Ms,
    double P99Ms,
    IReadOnlyList<PathShareView> Shares,
    IReadOnlyList<PathExampleView> Examples,
    IReadOnlyList<WhatIfView> WhatIf);

/// <summary>How much of critical paths one owner's time is.</summary>
/// <param name="Owner">Whose: <c>model.reply</c>, <c>topic.mail.received</c>, <c>step.parse-1</c>, <c>sink.webhook-1</c>.</param>
/// <param name="Kind"><c>work</c>, <c>queue</c> (a message lies in a topic or waits for room at a model) or <c>gap</c> (nothing known runs).</param>
/// <param name="P50Share">Of the ways around the median, 0 to 1.</param>
/// <param name="P99Share">Of the slowest.</param>
public sealed record PathShareView(string Owner, string Kind, double P50Share, double P99Share);

/// <summary>The critical path of one message: a partition of the time from ingest to delivery.</summary>
/// <param name="Quantile">Which quantile it stands for: 0.5 or 0.99.</param>
/// <param name="Trace">Its trace.</param>
/// <param name="LengthMs">From ingest to delivery.</param>
/// <param name="Sections">The sections, from ingest to delivery; together they are the length.</param>
public sealed record PathExampleView(double Quantile, string Trace, double LengthMs, IReadOnlyList<PathSectionView> Sections);

/// <summary>A section of a critical path.</summary>
/// <param name="Owner">Whose time.</param>
/// <param name="Kind"><c>work</c>, <c>queue</c> or <c>gap</c>.</param>
/// <param name="StartMs">From the ingest on.</param>
/// <param name="LengthMs">How long.</param>
public sealed record PathSectionView(string Owner, string Kind, double StartMs, double LengthMs);

/// <summary>What would be if an owner took another time.</summary>
/// <param name="Owner">Whose time.</param>
/// <param name="Factor">By how much: 0.5 for half of it.</param>
/// <param name="Quantiles">The quantiles, each with both answers.</param>
public sealed record WhatIfView(string Owner, double Factor, IReadOnlyList<WhatIfQuantileView> Quantiles)
{
    /// <summary>How many messages the answer with recomputed waits rests on: those since all that waited beside them is known.</summary>
    public int RecomputedMessages { get; init; }

    /// <summary>Why waits are not recomputed; null if they are.</summary>
    public string? NotRecomputed { get; init; }
}

/// <summary>A quantile as it was and as it would be.</summary>
/// <param name="Quantile">0.5 or 0.99.</param>
/// <param name="BeforeMs">As recorded.</param>
/// <param name="AfterMs">With all waits as they were.</param>
/// <param name="PlusMinusMs">Half the interval that holds it in 95 of 100 samples of messages like these.</param>
/// <param name="RecomputedMs">With waits in topics and for room at models as they would be; null if that cannot be told.</param>
/// <param name="RecomputedPlusMinusMs">Half the interval of that, with what the replay of the waits is off by.</param>
public sealed record WhatIfQuantileView(double Quantile, double BeforeMs, double AfterMs, double PlusMinusMs, double? RecomputedMs, double? RecomputedPlusMinusMs)
{
    /// <summary>As recorded, of the messages whose waits are recomputed; null if none are.</summary>
    public double? RecomputedBeforeMs { get; init; }
}
