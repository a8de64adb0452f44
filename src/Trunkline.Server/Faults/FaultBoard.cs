using System.Globalization;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Effects;

namespace Trunkline.Server.Faults;

/// <summary>
/// The faults injected at run time: the one interceptor of the effect port and, by <see cref="FaultyBroker"/>, of the broker port. Every
/// fault has an end, and none outlives the process. Without one, a call costs one look at an empty list. Thread-safe.
/// </summary>
/// <param name="time">The clock of ends and delays.</param>
/// <param name="crash">Ends the process, at once and without a word to anybody.</param>
internal sealed class FaultBoard(TimeProvider time, Action crash)
{
    /// <summary>Most faults at once.</summary>
    public const int FaultsMax = 100;

    private readonly Lock _gate = new();
    private volatile FaultRule[] _rules = [];
    private int _number;

    /// <summary>Faults in force, in the order they were added.</summary>
    public IReadOnlyList<FaultRule> Active
    {
        get
        {
            Expire();
            return _rules;
        }
    }

    /// <summary>Adds a fault; null if there are too many.</summary>
    /// <param name="make">Makes it with its id.</param>
    public FaultRule? Add(Func<string, FaultRule> make)
    {
        lock (_gate)
        {
            Expire();
            if (_rules.Length >= FaultsMax)
            {
                return null;
            }

            var rule = make(string.Create(CultureInfo.InvariantCulture, $"fault-{++_number}"));
            _rules = [.. _rules, rule];
            return rule;
        }
    }

    /// <summary>Ends a fault; null if there is none of that id.</summary>
    public FaultRule? Stop(string id)
    {
        lock (_gate)
        {
            Expire();
            var stopped = _rules.FirstOrDefault(rule => rule.Id == id);
            _rules = [.. _rules.Where(rule => rule != stopped)];
            return stopped;
        }
    }

    /// <summary>The interceptor, for <see cref="EffectPort"/>.</summary>
    public ValueTask<ReadOnlyMemory<byte>> InterceptAsync(EffectCall call, EffectHandler next, CancellationToken cancellationToken) =>
        _rules.Length == 0 || Find(rule => Fits(rule, call)) is not { } rule ? next(call, cancellationToken) : FailAsync(rule, call, next, cancellationToken);

    /// <summary>Before a commit of flows: fails it if a fault of the broker meets a key in it.</summary>
    /// <exception cref="BrokerException">The broker does not answer.</exception>
    public ValueTask BeforeCommitAsync(CommitUnit unit, CancellationToken cancellationToken) =>
        _rules.Length == 0 || Find(rule => Fits(rule, unit)) is not { } rule ? ValueTask.CompletedTask : FailAsync(rule, cancellationToken);

    private static bool Fits(FaultRule rule, EffectCall call) =>
        rule.Flow == call.Flow && rule.Step != FaultRule.Broker && (rule.Step is null || rule.Step == call.Step || rule.Step == call.Subject) && rule.Chooses(call.Key.Span);

    private static bool Fits(FaultRule rule, CommitUnit unit) =>
        rule.Step == FaultRule.Broker && rule.Group is not null && unit.Fence?.Group == rule.Group
        && (rule.Share >= 1 || unit.Appends.Any(append => append.Messages.Any(message => rule.Chooses(Steps.MessageEffects.KeyOf(message).Span))));

    private FaultRule? Find(Func<FaultRule, bool> fits)
    {
        var now = time.GetUtcNow();
        foreach (var rule in _rules)
        {
            if (rule.Until > now && fits(rule))
            {
                rule.Hit();
                return rule;
            }
        }

        return null;
    }

    private async ValueTask<ReadOnlyMemory<byte>> FailAsync(FaultRule rule, EffectCall call, EffectHandler next, CancellationToken cancellationToken)
    {
        switch (rule.Kind)
        {
            case FaultKind.Crash:
                crash();
                break;
            case FaultKind.Slow:
                await Task.Delay(rule.Delay, time, cancellationToken).ConfigureAwait(false);
                return await next(call, cancellationToken).ConfigureAwait(false);
            case FaultKind.Timeout when call.Kind is EffectKind.Model or EffectKind.Http:
                // Whoever asks has a deadline of its own; it is that which ends the wait.
                await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken).ConfigureAwait(false);
                break;
        }

        return InjectedFaults.Answer(call, rule.Kind, rule.RetryAfter, time);
    }

    private async ValueTask FailAsync(FaultRule rule, CancellationToken cancellationToken)
    {
        switch (rule.Kind)
        {
            case FaultKind.Crash:
                crash();
                break;
            case FaultKind.Slow:
                await Task.Delay(rule.Delay, time, cancellationToken).ConfigureAwait(false);
                return;
        }

        throw new BrokerException(rule.Kind == FaultKind.RateLimited ? BrokerErrorCode.Overloaded : BrokerErrorCode.Unreachable, $"An injected fault ({rule.Id}): {rule.Kind}.");
    }

    private void Expire()
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            if (_rules.Any(rule => rule.Until <= now))
            {
                _rules = [.. _rules.Where(rule => rule.Until > now)];
            }
        }
    }
}
