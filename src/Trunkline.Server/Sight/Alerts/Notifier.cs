using Microsoft.Extensions.Logging;
using Trunkline.Server.Configuration;
using Trunkline.Server.Connectors.Alerts;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Sight.Alerts;

/// <summary>
/// Tells receivers of alerts: those of a flow that came together in one notice, again while nobody takes them on, and when they are over. What was told is
/// kept with the alert, so that a restart tells nothing twice; what could not be told is tried again, later and later. One caller at a time.
/// </summary>
internal sealed class Notifier(AlertDesk desk, AlertSenders senders, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan PauseMin = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PauseMax = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan ManagerEvery = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, (int Failures, DateTimeOffset Next)> _paused = new(StringComparer.Ordinal);

    /// <summary>Tells everybody what is due.</summary>
    /// <param name="project">The project in force.</param>
    /// <param name="node">The node's address as people reach it.</param>
    /// <param name="cancellationToken">Ends the telling.</param>
    public async Task TellAsync(ProjectConfig project, Uri node, CancellationToken cancellationToken)
    {
        if (project.Alerts.Receivers.Count == 0)
        {
            return;
        }

        var (alerts, silences) = await desk.ReadAsync(cancellationToken);
        foreach (var receiver in project.Alerts.Receivers.Values.Where(r => !(_paused.TryGetValue(r.Name, out var pause) && pause.Next > time.GetUtcNow())))
        {
            var due = alerts.Where(a => !silences.Any(s => s.Covers(a.Condition)) && RouteOf(a, project).Contains(receiver.Name) && IsDue(a, receiver, project.Alerts)).ToList();
            foreach (var group in due.GroupBy(a => (a.Condition.Owner, a.Condition.Subject, a.Status)))
            {
                if (!await TellAsync(receiver, [.. group], project, node, cancellationToken))
                {
                    break;
                }
            }
        }
    }

    private async Task<bool> TellAsync(OutboxSinkConfig receiver, IReadOnlyList<AlertRecord> alerts, ProjectConfig project, Uri node, CancellationToken cancellationToken)
    {
        var status = alerts[0].Status;
        var fault = await senders.SendAsync(receiver, AlertViews.Notice(status, [.. alerts.Select(a => AlertViews.Of(a, isSilenced: false, project, node))]), cancellationToken);
        if (fault is null || fault.Class == FaultClass.Terminal)
        {
            // What a receiver refuses for good it would refuse again.
            if (fault is not null)
            {
                Log.NoticeRefused(logger, receiver.Name, fault.Code, fault.Detail);
            }

            _paused.Remove(receiver.Name);
            await desk.ToldAsync(alerts.Select(a => a.Id).ToHashSet(StringComparer.Ordinal), receiver.Name, status, cancellationToken);
            return true;
        }

        var failures = _paused.GetValueOrDefault(receiver.Name).Failures + 1;
        var pause = TimeSpan.FromTicks((long)Math.Min(PauseMax.Ticks, PauseMin.Ticks * Math.Pow(2, Math.Min(failures - 1, 10))));
        _paused[receiver.Name] = (failures, time.GetUtcNow() + (fault.RetryAfter > pause ? fault.RetryAfter.Value : pause));
        Log.NoticeFailed(logger, receiver.Name, fault.Code, fault.Detail, failures);
        return false;
    }

    private IEnumerable<string> RouteOf(AlertRecord alert, ProjectConfig project)
    {
        var own = AlertViews.OwnerOf(project, alert.Condition)?.Alerts is { Count: > 0 } owners ? owners : project.Alerts.Default;
        var age = (alert.ResolvedAt ?? time.GetUtcNow()) - alert.DetectedAt;
        var isLeft = alert.Condition.IsPage && alert.AcknowledgedAt is null;
        return own.Concat(project.Alerts.Escalation.Where(stage => (isLeft && age >= stage.After) || alert.Told.Keys.Any(stage.To.Contains)).SelectMany(stage => stage.To));
    }

    private bool IsDue(AlertRecord alert, OutboxSinkConfig receiver, AlertConfig rules)
    {
        var now = time.GetUtcNow();
        if (!alert.Told.TryGetValue(receiver.Name, out var told))
        {
            return alert.ResolvedAt is null && now - alert.DetectedAt >= rules.Group;
        }

        return alert.Status switch
        {
            // One of the same key may have been on before: what was told then was that it is over.
            AlertStatus.Resolved => told.Status != AlertStatus.Resolved,
            _ when receiver is AlertmanagerSinkConfig => now - told.At >= ManagerEvery || now - told.At > AlertmanagerSink.Lasts,
            AlertStatus.Acknowledged => receiver is PagerSinkConfig && told.Status == AlertStatus.Firing,
            _ => now - told.At >= rules.Repeat,
        };
    }
}
