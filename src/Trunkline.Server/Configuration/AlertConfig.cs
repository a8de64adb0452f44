using Trunkline.Core.Config;

namespace Trunkline.Server.Configuration;

/// <summary>What is an alert, and who is told. Without any of it alerts are on the page and in the API, and nobody is told.</summary>
public sealed record AlertConfig
{
    /// <summary>Who can be told, by name.</summary>
    public IReadOnlyDictionary<string, OutboxSinkConfig> Receivers { get; init; } = new Dictionary<string, OutboxSinkConfig>();

    /// <summary>Who is told of what has no owner, or one that names nobody.</summary>
    public IReadOnlyList<string> Default { get; init; } = [];

    /// <summary>Who is told besides of a page nobody has acknowledged, the soonest first.</summary>
    public IReadOnlyList<AlertStage> Escalation { get; init; } = [];

    /// <summary>How long alerts of a flow are collected before they are told together. Default 30 s.</summary>
    public TimeSpan Group { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often one that nobody acknowledged is told again. Default 4 hours.</summary>
    public TimeSpan Repeat { get; init; } = TimeSpan.FromHours(4);

    /// <summary>Address of the node as people reach it, for links; null for where it listens.</summary>
    public Uri? Link { get; init; }

    /// <summary>How old the oldest waiting message may be. Default 10 minutes; a flow with an SLO has its bound, if that is shorter, down to 10 s.</summary>
    public TimeSpan Lag { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Dead letters of five minutes that are an alert; 0 for none. Default 1.</summary>
    public int DeadLetters { get; init; } = 1;

    /// <summary>Parked keys that are an alert; 0 for none. Default 1.</summary>
    public int ParkedKeys { get; init; } = 1;

    /// <summary>How long a sink may be paused. Default 1 minute.</summary>
    public TimeSpan Breaker { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Questions of five minutes that a used-up budget of a model refused; 0 for none. Default 1.</summary>
    public int OverBudget { get; init; } = 1;

    /// <summary>Open alarms about drift in a topic that are an alert; 0 for none. Default 1.</summary>
    public int Drift { get; init; } = 1;

    /// <summary>How long before their end certificates and tokens are an alert; zero for never. Default 14 days.</summary>
    public TimeSpan Expiring { get; init; } = TimeSpan.FromDays(14);

    /// <summary>The same with an owner's own limits.</summary>
    public AlertConfig For(OwnerConfig? owner) => owner?.Limits is not { } own ? this : this with
    {
        Lag = own.Lag ?? Lag,
        DeadLetters = own.DeadLetters ?? DeadLetters,
        ParkedKeys = own.ParkedKeys ?? ParkedKeys,
        Breaker = own.Breaker ?? Breaker,
        OverBudget = own.OverBudget ?? OverBudget,
        Drift = own.Drift ?? Drift,
        Expiring = own.Expiring ?? Expiring,
    };
}

/// <summary>When something an owner owns is an alert; null where it is as in the project.</summary>
public sealed record AlertLimits
{
    /// <summary>See <see cref="AlertConfig.Lag"/>.</summary>
    public TimeSpan? Lag { get; init; }

    /// <summary>See <see cref="AlertConfig.DeadLetters"/>.</summary>
    public int? DeadLetters { get; init; }

    /// <summary>See <see cref="AlertConfig.ParkedKeys"/>.</summary>
    public int? ParkedKeys { get; init; }

    /// <summary>See <see cref="AlertConfig.Breaker"/>.</summary>
    public TimeSpan? Breaker { get; init; }

    /// <summary>See <see cref="AlertConfig.OverBudget"/>.</summary>
    public int? OverBudget { get; init; }

    /// <summary>See <see cref="AlertConfig.Drift"/>.</summary>
    public int? Drift { get; init; }

    /// <summary>See <see cref="AlertConfig.Expiring"/>.</summary>
    public TimeSpan? Expiring { get; init; }
}

/// <summary>Who is told of a page that nobody takes on.</summary>
/// <param name="To">Receivers.</param>
/// <param name="After">After how long.</param>
public sealed record AlertStage(IReadOnlyList<string> To, TimeSpan After)
{
    /// <summary>After how long, unless it says otherwise.</summary>
    public static readonly TimeSpan AfterDefault = TimeSpan.FromMinutes(15);
}

/// <summary><c>alertmanager: { url }</c>: alerts to an Alertmanager of Prometheus.</summary>
/// <param name="Name">See <see cref="SinkConfig"/>.</param>
/// <param name="Url">Its address, without <c>/api/v2/alerts</c>.</param>
/// <param name="Where">See <see cref="SinkConfig"/>.</param>
public sealed record AlertmanagerSinkConfig(string Name, Uri Url, SourceLocation Where) : OutboxSinkConfig(Name, Where)
{
    internal override string Kind => "alertmanager";

    internal override string Shown => Url.GetLeftPart(UriPartial.Path);
}

/// <summary><c>pagerduty: { url, key }</c>: events as PagerDuty's Events API v2 takes them, and others after it.</summary>
/// <param name="Name">See <see cref="SinkConfig"/>.</param>
/// <param name="Url">The address events are posted to.</param>
/// <param name="RoutingKey">Whom they are for. Secret.</param>
/// <param name="Where">See <see cref="SinkConfig"/>.</param>
public sealed record PagerSinkConfig(string Name, Uri Url, Secret RoutingKey, SourceLocation Where) : OutboxSinkConfig(Name, Where)
{
    internal override string Kind => "pagerduty";

    internal override string Shown => Url.GetLeftPart(UriPartial.Path);
}
