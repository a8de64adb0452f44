using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Cronos;
using Trunkline.Messaging;
using Trunkline.Server.Configuration;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Connectors.Schedules;

/// <summary>
/// A message at each time of a cron expression. Its position is that time, so over restarts and crashes each run comes once; what to do about
/// those missed while nobody read is the source's to say. The first reading begins with the first time after it.
/// </summary>
internal sealed class ScheduleSource(ScheduleSourceConfig schedule) : ISourceConnector
{
    // Longer waits are cut up: a clock that is set is noticed, and no timer takes more than 49 days.
    private static readonly TimeSpan WaitMax = TimeSpan.FromHours(1);

    private readonly CronExpression _cron = CronText.Parse(schedule.Cron)!;
    private readonly TimeZoneInfo _zone = TimeZoneInfo.FindSystemTimeZoneById(schedule.Zone);

    /// <inheritdoc/>
    public async IAsyncEnumerable<SourceMessage> ReadAsync(SourceStart start, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var last = Begin(start);
        while (_cron.GetNextOccurrence(last, _zone) is { } next)
        {
            for (var left = next - start.Time.GetUtcNow(); left > TimeSpan.Zero; left = next - start.Time.GetUtcNow())
            {
                await Task.Delay(left < WaitMax ? left : WaitMax, start.Time, cancellationToken);
            }

            last = next;
            yield return MessageOf(start.Flow, next);
        }
    }

    /// <summary>The time behind which the next run is looked for.</summary>
    private DateTimeOffset Begin(SourceStart start)
    {
        var now = start.Time.GetUtcNow();
        if (start.Position is null)
        {
            return now;
        }

        var done = DateTimeOffset.Parse(start.Position, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind);
        if (done > now || schedule.Missed == MissedRuns.All)
        {
            return done;
        }

        // Just before the latest that was missed, so that it is the next.
        return schedule.Missed == MissedRuns.Latest && _cron.GetPreviousOccurrence(now, _zone, inclusive: true) is { } missed && missed > done
            ? missed.AddTicks(-1)
            : now;
    }

    private static SourceMessage MessageOf(string flow, DateTimeOffset at)
    {
        var position = at.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
        var message = new Message
        {
            Id = new MessageId("run-" + StableId.Of(flow, position)),
            Source = "/schedule/" + Uri.EscapeDataString(flow),
            Key = MessageKey.FromText(flow),
            Time = at,
            ContentType = "application/json",
            Payload = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { ["scheduledAt"] = at.ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture) }),
        };
        return new SourceMessage(message, position);
    }
}
