using System.Globalization;
using System.Text;
using System.Text.Json;
using Trunkline.Server.Effects;
using Trunkline.Server.Faults;

namespace Trunkline.Server.FlowTests;

/// <summary>
/// An interceptor that answers effects, or makes them fail, as a test says. Models of this machine run where no rule speaks of
/// them; a receiver of webhooks takes what it gets; nothing else outside is reached. Thread-safe.
/// </summary>
/// <param name="rules">What the outside does; the first that fits holds.</param>
/// <param name="isLocal">Whether a model runs on this machine.</param>
/// <param name="time">The test's clock.</param>
internal sealed class ScriptedEffects(IReadOnlyList<EffectRule> rules, Func<string, bool> isLocal, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly int[] _used = new int[rules.Count];
    private readonly HashSet<string> _accepted = new(StringComparer.Ordinal);
    private readonly HashSet<string> _unanswered = new(StringComparer.Ordinal);
    private volatile TaskCompletionSource _crash = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _running;

    /// <summary>Effects on their way.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <summary>Completes when the process is to end.</summary>
    public Task Crash => _crash.Task;

    /// <summary>Rules never used.</summary>
    public IEnumerable<EffectRule> Unused
    {
        get
        {
            lock (_gate)
            {
                return [.. rules.Where((_, i) => _used[i] == 0)];
            }
        }
    }

    /// <summary>Models and steps that were asked and had no answer: <c>model 'reply'</c>.</summary>
    public IReadOnlyCollection<string> Unanswered
    {
        get
        {
            lock (_gate)
            {
                return [.. _unanswered.Order(StringComparer.Ordinal)];
            }
        }
    }

    /// <summary>True if the receiver of that sink took the message of that webhook id.</summary>
    public bool Accepted(string sink, string id)
    {
        lock (_gate)
        {
            return _accepted.Contains(sink + "\0" + id);
        }
    }

    /// <summary>A new process takes over.</summary>
    public void Restarted() => _crash = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The interceptor, for <see cref="EffectPort"/>.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> InterceptAsync(EffectCall call, EffectHandler next, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _running);
        try
        {
            var name = call.Subject;
            return Take(call.Kind, name, call.Input) switch
            {
                { Fault: FaultKind.Crash } => await CrashAsync(cancellationToken).ConfigureAwait(false),
                { Fault: { } fault } rule => InjectedFaults.Answer(call, fault, rule.RetryAfter, time),
                { Status: { } status } rule => Post(call, status, rule.RetryAfter),
                { Answer: { } answer } => answer,
                _ when call.Kind == EffectKind.Http => Post(call, 200, null),
                _ when call.Kind == EffectKind.Clock => await next(call, cancellationToken).ConfigureAwait(false),
                _ when call.Kind == EffectKind.Model && isLocal(name) => await next(call, cancellationToken).ConfigureAwait(false),
                _ => throw Missing(call, name),
            };
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    private EffectRule? Take(EffectKind kind, string name, ReadOnlyMemory<byte> input)
    {
        string? text = null;
        lock (_gate)
        {
            for (var i = 0; i < rules.Count; i++)
            {
                var rule = rules[i];
                if (rule.Kind != kind || rule.Name != name || _used[i] >= (rule.Times ?? int.MaxValue)
                    || (rule.Input is not null && !(text ??= TextOf(input)).Contains(rule.Input, StringComparison.Ordinal)))
                {
                    continue;
                }

                _used[i]++;
                return rule;
            }
        }

        return null;
    }

    private EffectMissingException Missing(EffectCall call, string name)
    {
        lock (_gate)
        {
            _unanswered.Add($"{(call.Kind == EffectKind.Model ? "model" : "use")}: {name}");
        }

        return new EffectMissingException(call);
    }

    /// <summary>The call never gets its answer: it ends with the process.</summary>
    private async Task<ReadOnlyMemory<byte>> CrashAsync(CancellationToken cancellationToken)
    {
        _crash.TrySetResult();
        await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken).ConfigureAwait(false);
        return default;
    }

    /// <summary>As a receiver that answers the status.</summary>
    private ReadOnlyMemory<byte> Post(EffectCall call, int status, TimeSpan? retryAfter)
    {
        InjectedFaults.Receive(status, retryAfter, time);
        lock (_gate)
        {
            _accepted.Add(call.Name + "\0" + call.IdempotencyKey);
        }

        return Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $$"""{"status":{{status}}}"""));
    }

    /// <summary>What is sent as text: a JSON string is what it says.</summary>
    private static string TextOf(ReadOnlyMemory<byte> input)
    {
        var reader = new Utf8JsonReader(input.Span);
        try
        {
            return reader.Read() && reader.TokenType == JsonTokenType.String ? reader.GetString()! : Encoding.UTF8.GetString(input.Span);
        }
        catch (JsonException)
        {
            return Encoding.UTF8.GetString(input.Span);
        }
    }
}
