namespace Trunkline.Client.Api;

/// <summary>Alerts of a node, and the silences in force.</summary>
/// <param name="At">When it was read.</param>
/// <param name="Alerts">Those that are on, the newest first, then the latest that ended.</param>
/// <param name="Silences">Silences in force.</param>
/// <param name="Owners">How incidents of each owner went.</param>
public sealed record AlertList(DateTimeOffset At, IReadOnlyList<AlertView> Alerts, IReadOnlyList<SilenceView> Silences, IReadOnlyList<OwnerIncidents> Owners);

/// <summary>An alert, which is an incident from when it began to when it was over.</summary>
public sealed record AlertView
{
    /// <summary>Its id; each time a trouble comes again it is another.</summary>
    public required string Id { get; init; }

    /// <summary>What is wrong where: the same each time.</summary>
    public required string Key { get; init; }

    /// <summary><c>slo</c>, <c>lag</c>, <c>dead-letters</c>, <c>parked-keys</c>, <c>breaker</c>, <c>stopped</c>, <c>budget</c>, <c>drift</c>, <c>expiring</c> or <c>store</c>.</summary>
    public required string Rule { get; init; }

    /// <summary><c>page</c> or <c>ticket</c>.</summary>
    public required string Severity { get; init; }

    /// <summary><c>firing</c>, <c>acknowledged</c>, <c>silenced</c> or <c>resolved</c>.</summary>
    public required string State { get; init; }

    /// <summary>What, in one line.</summary>
    public required string Summary { get; init; }

    /// <summary>More of it; empty for no more.</summary>
    public string Detail { get; init; } = "";

    /// <summary>The flow, the model, the topic, or the host.</summary>
    public required string Subject { get; init; }

    /// <summary>The hop: the sink, the slo, or <c>in</c>.</summary>
    public required string Hop { get; init; }

    /// <summary>Who answers for it; null for nobody.</summary>
    public string? Owner { get; init; }

    /// <summary>Since when it is so.</summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>When the node noticed.</summary>
    public DateTimeOffset DetectedAt { get; init; }

    /// <summary>When somebody took it on; null for not yet.</summary>
    public DateTimeOffset? AcknowledgedAt { get; init; }

    /// <summary>Who; null for nobody yet.</summary>
    public string? AcknowledgedBy { get; init; }

    /// <summary>When it was over; null if it is not.</summary>
    public DateTimeOffset? ResolvedAt { get; init; }

    /// <summary>The last change before it began, of the 24 hours before; null for none.</summary>
    public ChangeView? Change { get; init; }

    /// <summary>What to do about it; null if nobody wrote it down.</summary>
    public string? Runbook { get; init; }

    /// <summary>The page that shows it.</summary>
    public string Link { get; init; } = "";

    /// <summary>The page that looks for the cause; null if it is not about a flow.</summary>
    public string? Why { get; init; }

    /// <summary>Receivers that were told.</summary>
    public IReadOnlyList<string> Told { get; init; } = [];
}

/// <summary>What a webhook for alerts gets: alerts of one flow that came, or ended, together.</summary>
/// <param name="Status"><c>firing</c>, <c>acknowledged</c> or <c>resolved</c>.</param>
/// <param name="Title">One line.</param>
/// <param name="Text">The whole, for people.</param>
/// <param name="Alerts">The alerts.</param>
public sealed record AlertNotice(string Status, string Title, string Text, IReadOnlyList<AlertView> Alerts);

/// <summary>Nobody is told of alerts that fit, until it ends.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Rule">Only of this rule; null for all.</param>
/// <param name="Subject">Only of this flow or model; null for all.</param>
/// <param name="Owner">Only of this owner; null for all.</param>
/// <param name="Until">When it ends.</param>
/// <param name="By">Who made it.</param>
/// <param name="Comment">Why.</param>
public sealed record SilenceView(string Id, string? Rule, string? Subject, string? Owner, DateTimeOffset Until, string By, string Comment);

/// <summary>Makes a silence. One of rule, subject and owner at least.</summary>
/// <param name="For">How long, such as <c>2h</c>; 1m to 30d.</param>
/// <param name="Comment">Why; 1 to 500 characters.</param>
/// <param name="Rule">Only of this rule; null for all.</param>
/// <param name="Subject">Only of this flow or model; null for all.</param>
/// <param name="Owner">Only of this owner; null for all.</param>
public sealed record SilenceRequest(string? For, string? Comment, string? Rule = null, string? Subject = null, string? Owner = null);

/// <summary>How incidents of an owner went, of those kept.</summary>
/// <param name="Owner">The owner; empty for none.</param>
/// <param name="Incidents">How many.</param>
/// <param name="DetectSeconds">Half were noticed within this.</param>
/// <param name="AcknowledgeSeconds">Half of those that were taken on, were within this after that; null for none.</param>
/// <param name="RestoreSeconds">Half of those that are over, were within this from when they began; null for none.</param>
public sealed record OwnerIncidents(string Owner, int Incidents, double DetectSeconds, double? AcknowledgeSeconds, double? RestoreSeconds);

/// <summary>How incidents of owners went, week by week.</summary>
/// <param name="At">When it was read.</param>
/// <param name="Weeks">Weeks that are told, from Monday (UTC) on, the latest last.</param>
/// <param name="Owners">By owner; weeks without incidents are left out.</param>
/// <param name="Incidents">The incidents that began in that time, the newest first, of those kept.</param>
public sealed record IncidentTrends(DateTimeOffset At, IReadOnlyList<DateTimeOffset> Weeks, IReadOnlyList<OwnerTrend> Owners, IReadOnlyList<AlertView> Incidents);

/// <summary>How incidents of an owner went, week by week.</summary>
/// <param name="Owner">The owner; empty for none.</param>
/// <param name="Weeks">Weeks with incidents, the latest last.</param>
public sealed record OwnerTrend(string Owner, IReadOnlyList<WeekOfIncidents> Weeks);

/// <summary>How incidents that began in a week went.</summary>
/// <param name="Monday">When it began.</param>
/// <param name="Incidents">How many.</param>
/// <param name="Pages">Of them, those somebody was woken for.</param>
/// <param name="DetectSeconds">Half were noticed within this.</param>
/// <param name="AcknowledgeSeconds">Half of those that were taken on, were within this after that; null for none.</param>
/// <param name="RestoreSeconds">Half of those that are over, were within this from when they began; null for none.</param>
public sealed record WeekOfIncidents(DateTimeOffset Monday, int Incidents, int Pages, double DetectSeconds, double? AcknowledgeSeconds, double? RestoreSeconds);
