using Trunkline.Messaging;
using Trunkline.Server.Configuration;

namespace Trunkline.Server.Steps;

/// <summary>
/// <c>throttle</c>: lets so many messages through in a time, evenly. Each gets its turn when it comes first, and keeps it: a short wait is spent on
/// the lane, a longer one without it. Thread-safe.
/// </summary>
/// <param name="config">How many.</param>
/// <param name="time">The clock.</param>
internal sealed class ThrottleStep(ThrottleStepConfig config, TimeProvider time) : Step(config.Name)
{
    /// <summary>Tenants or keys told apart at a time; further ones share one rate.</summary>
    public const int SharesMax = 100_000;

    // A turn nobody came for belongs to a message that was given away, or its flow was.
    private const int TurnsMax = 100_000;
    private static readonly TimeSpan TurnKept = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan OnLaneMax = TimeSpan.FromMilliseconds(100);

    /// <summary>Whether it lets all through at once: recorded messages run again in no time of their own. Default false.</summary>
    public bool IsOff { get; init; }

    private readonly Lock _lock = new();
    private readonly Dictionary<string, DateTimeOffset> _next = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _turns = new(StringComparer.Ordinal);
    private readonly TimeSpan _gap = config.Per / config.Messages;

    /// <inheritdoc/>
    public override async ValueTask<bool> RunAsync(MessageRun run, CancellationToken cancellationToken)
    {
        if (IsOff)
        {
            return true;
        }

        var message = run.Input.Stored.Message;
        var id = $"{message.Source}\n{message.Id.Value}";
        var wait = WaitOf(id, ShareOf(message));
        if (wait > OnLaneMax)
        {
            throw new StepException(
                new StepFault("step.throttled", Name, "The message waits for its turn.", FaultClass.Retryable, wait) { IsUncounted = true });
        }

        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, time, cancellationToken).ConfigureAwait(false);
        }

        lock (_lock)
        {
            _turns.Remove(id);
        }

        return true;
    }

    private string ShareOf(Message message) => config.Each switch
    {
        ThrottleShare.Tenant => MessageShare.TenantOf(message),
        ThrottleShare.Key => message.Key is { } key ? "k" + Convert.ToHexString(key.Bytes.Span) : "",
        _ => "",
    };

    private TimeSpan WaitOf(string id, string share)
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            if (!_turns.TryGetValue(id, out var turn))
            {
                Forget(now);
                var line = _next.ContainsKey(share) || _next.Count < SharesMax ? share : "";
                turn = _next.TryGetValue(line, out var next) && next > now ? next : now;
                _next[line] = turn + _gap;
                _turns[id] = turn;
            }

            return turn - now;
        }
    }

    private void Forget(DateTimeOffset now)
    {
        if (_next.Count >= SharesMax)
        {
            foreach (var (share, next) in _next)
            {
                if (next <= now)
                {
                    _next.Remove(share);
                }
            }
        }

        if (_turns.Count >= TurnsMax)
        {
            foreach (var (id, turn) in _turns)
            {
                if (turn + TurnKept < now)
                {
                    _turns.Remove(id);
                }
            }
        }
    }
}
