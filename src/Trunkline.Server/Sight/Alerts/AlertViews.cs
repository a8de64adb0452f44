using System.Globalization;
using System.Text;
using Trunkline.Client.Api;
using Trunkline.Server.Configuration;
using Trunkline.Server.Releases;

namespace Trunkline.Server.Sight.Alerts;

/// <summary>Alerts as the API, the pages and receivers see them.</summary>
internal static class AlertViews
{
    /// <summary>One alert.</summary>
    /// <param name="alert">The alert.</param>
    /// <param name="isSilenced">Whether a silence covers it.</param>
    /// <param name="project">The project in force, for owners.</param>
    /// <param name="node">The node's address as people reach it.</param>
    public static AlertView Of(AlertRecord alert, bool isSilenced, ProjectConfig project, Uri node)
    {
        var condition = alert.Condition;
        return new AlertView
        {
            Id = alert.Id,
            Key = condition.Key,
            Rule = condition.Rule,
            Severity = condition.IsPage ? "page" : "ticket",
            State = isSilenced && alert.ResolvedAt is null ? "silenced" : Word(alert.Status),
            Summary = condition.Summary,
            Detail = condition.Detail,
            Subject = condition.Subject,
            Hop = condition.Hop,
            Owner = condition.Owner,
            Since = alert.Since,
            DetectedAt = alert.DetectedAt,
            AcknowledgedAt = alert.AcknowledgedAt,
            AcknowledgedBy = alert.AcknowledgedBy,
            ResolvedAt = alert.ResolvedAt,
            Change = alert.Change is { } change ? Of(change) : null,
            Runbook = OwnerOf(project, condition)?.Runbook?.AbsoluteUri,
            Link = $"{node.AbsoluteUri.TrimEnd('/')}/alerts#alert-{alert.Id}",
            Why = AlertRules.OfFlows.Contains(condition.Rule) ? $"{node.AbsoluteUri.TrimEnd('/')}/why?flow={Uri.EscapeDataString(condition.Subject)}" : null,
            Told = [.. alert.Told.Keys.Order(StringComparer.Ordinal)],
        };
    }

    /// <summary>An entry of who changed what.</summary>
    public static ChangeView Of(Change change) => new(change.Id, change.At, change.Who, change.What, change.Target, change.From, change.To, change.Detail);

    /// <summary>A status as one word.</summary>
    public static string Word(AlertStatus status) => status.ToString().ToLowerInvariant();

    /// <summary>The owner of what an alert is about; null for none.</summary>
    public static OwnerConfig? OwnerOf(ProjectConfig project, AlertCondition condition) => condition.Owner is { } owner ? project.Owners.GetValueOrDefault(owner) : null;

    /// <summary>What receivers get of alerts that came, or ended, together.</summary>
    public static AlertNotice Notice(AlertStatus status, IReadOnlyList<AlertView> alerts)
    {
        var what = alerts.Count == 1 ? alerts[0].Summary : string.Create(CultureInfo.InvariantCulture, $"{alerts.Count} alerts of {alerts[0].Subject}");
        var text = new StringBuilder();
        foreach (var alert in alerts)
        {
            Write(text, alert);
        }

        return new AlertNotice(Word(status), OneLine($"[{Word(status)}] {what}"), text.ToString().TrimEnd(), alerts);
    }

    /// <summary>How incidents of owners went.</summary>
    public static IReadOnlyList<OwnerIncidents> Owners(IEnumerable<AlertRecord> alerts) =>
    [
        .. alerts.GroupBy(a => a.Condition.Owner ?? "", StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => new OwnerIncidents(
            g.Key,
            g.Count(),
            Median(g.Select(a => a.DetectedAt - a.Since)) ?? 0,
            Median(g.Where(a => a.AcknowledgedAt is not null).Select(a => a.AcknowledgedAt!.Value - a.DetectedAt)),
            Median(g.Where(a => a.ResolvedAt is not null).Select(a => a.ResolvedAt!.Value - a.Since)))),
    ];

    /// <summary>How incidents of owners went, by the week they began in.</summary>
    public static IReadOnlyList<OwnerTrend> Trends(IEnumerable<AlertRecord> alerts) =>
    [
        .. alerts.GroupBy(a => a.Condition.Owner ?? "", StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal).Select(owner => new OwnerTrend(
            owner.Key,
            [.. owner.GroupBy(a => MondayOf(a.Since)).OrderBy(w => w.Key).Select(week => (week.Key, Pages: week.Count(a => a.Condition.IsPage), Of: Owners(week)[0])).Select(w => new WeekOfIncidents(
                w.Key, w.Of.Incidents, w.Pages, w.Of.DetectSeconds, w.Of.AcknowledgeSeconds, w.Of.RestoreSeconds))])),
    ];

    /// <summary>The beginning of the week a time is in, in UTC.</summary>
    public static DateTimeOffset MondayOf(DateTimeOffset at) => new(at.UtcDateTime.Date.AddDays(-(((int)at.UtcDateTime.DayOfWeek + 6) % 7)), TimeSpan.Zero);

    private static void Write(StringBuilder text, AlertView alert)
    {
        void Line(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                text.Append(name).Append(": ").AppendLine(OneLine(value));
            }
        }

        text.AppendLine(OneLine(alert.Summary));
        Line("More", alert.Detail);
        Line("Severity", alert.Severity);
        Line("Hop", $"{alert.Subject}, {alert.Hop}");
        Line("Owner", alert.Owner);
        Line("Since", Time(alert.Since));
        Line("Acknowledged", alert.AcknowledgedAt is { } at ? $"{Time(at)} by {alert.AcknowledgedBy}" : null);
        Line("Over", alert.ResolvedAt is { } over ? Time(over) : null);
        Line("Change before", alert.Change is { } change ? $"{change.What} of {change.Target} by {change.Who}, {Time(change.At)}" : null);
        Line("Runbook", alert.Runbook);
        Line("Page", alert.Link);
        Line("Why", alert.Why);
        text.AppendLine();
    }

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>What names and reasons hold may come from outside: no line of it begins another.</summary>
    private static string OneLine(string text) => string.Concat(text.Select(c => char.IsControl(c) || c is '\u2028' or '\u2029' ? ' ' : c));

    private static double? Median(IEnumerable<TimeSpan> times)
    {
        var sorted = times.Order().ToList();
        return sorted.Count == 0 ? null : sorted[(sorted.Count - 1) / 2].TotalSeconds;
    }
}
