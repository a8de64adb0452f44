using System.Text.Json;
using Trunkline.Models;
using Trunkline.Server.Configuration;
using Trunkline.Server.Effects;

namespace Trunkline.Server.Inference;

/// <summary>A model as a step sees it; made at its first use, called within its limits. Thread-safe.</summary>
/// <param name="model">Makes the model once.</param>
/// <param name="timeout">Bound on one call.</param>
internal sealed class ModelHandle(Lazy<IModel> model, TimeSpan timeout) : IDisposable
{
    private readonly CancellationTokenSource _withdrawn = new();
    private volatile ModelHandle? _next;
    private int _beginning;
    private (ModelHandle Model, int Share)[] _versions = [];

    /// <summary>Its name in the project, for metrics.</summary>
    public string Name { get; init; } = "";

    /// <summary>Its kind in the project, for spans.</summary>
    public string Kind { get; init; } = "";

    /// <summary>What bounds its calls; null for nothing.</summary>
    public ModelLimits? Limits { get; init; }

    /// <summary>What is done about its answers; null for nothing.</summary>
    public AnswerRules? Rules { get; init; }

    /// <summary>Who is asked when it fails; null for nobody.</summary>
    public FallbackConfig? Fallback { get; init; }

    /// <summary>What it is asked before it takes over; null for nothing.</summary>
    public string? WarmUp { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Bound on one call.</summary>
    public TimeSpan Timeout { get; } = timeout;

    /// <summary>What answers.</summary>
    /// <exception cref="InvalidModelException">It cannot be made.</exception>
    public string Version => _versions.Length == 0 ? model.Value.Version : string.Join(" | ", _versions.Select(v => $"{v.Share} {v.Model.Name}"));

    /// <summary>The model that serves under this name now: this one, or what followed it.</summary>
    public ModelHandle Current
    {
        get
        {
            var current = this;
            while (current._next is { } next)
            {
                current = next;
            }

            return current;
        }
    }

    /// <summary>True once another version serves under its name.</summary>
    public bool IsWithdrawn => _next is not null;

    /// <summary>Cancelled when it is withdrawn.</summary>
    public CancellationToken Withdrawn => _withdrawn.Token;

    /// <summary>Models side by side under one name, each with its share of the keys.</summary>
    public static ModelHandle Split(string name, (ModelHandle Model, int Share)[] versions) => new(
        new Lazy<IModel>(() => throw new InvalidOperationException($"'{name}' is never asked itself.")), versions.Max(v => v.Model.Timeout))
    {
        Name = name,
        _versions = versions,
    };

    /// <summary>The one to ask for a key: itself, or the version whose share the key falls into, always the same as long as the shares are.</summary>
    /// <param name="hash">Hash of the key.</param>
    public ModelHandle For(uint hash)
    {
        if (_versions.Length == 0)
        {
            return this;
        }

        var place = (int)(hash % (uint)_versions.Sum(v => v.Share));
        foreach (var (version, share) in _versions)
        {
            if (place < share)
            {
                return version;
            }

            place -= share;
        }

        return _versions[^1].Model;
    }

    /// <summary>Makes it, and asks it what it is to be asked before it takes over.</summary>
    /// <exception cref="InvalidModelException">It cannot be made.</exception>
    public void Load()
    {
        if (_versions.Length == 0)
        {
            _ = model.Value;
            _ = Rules?.Schema?.Value;
        }
    }

    /// <summary>Asks it what it is to be asked before it takes over.</summary>
    /// <exception cref="InvalidModelException">It does not answer.</exception>
    public async Task WarmUpAsync(CancellationToken cancellationToken)
    {
        if (WarmUp is null)
        {
            return;
        }

        using var deadline = new CancellationTokenSource(Timeout, Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            await model.Value.InferAsync(new ModelRequest(JsonSerializer.SerializeToUtf8Bytes(WarmUp), "warm-up"), either.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ModelException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new InvalidModelException($"Model '{Name}' did not answer its warm-up: {(e is ModelException ? e.Message : "not in time.")}", e);
        }
    }

    /// <summary>
    /// From now on the next one serves: what waits for this one is put to the next, calls that run finish, and no call begins after
    /// this returns. Once.
    /// </summary>
    public void HandOver(ModelHandle next)
    {
        _next = next;
        Interlocked.MemoryBarrier();
        SpinWait.SpinUntil(() => Volatile.Read(ref _beginning) == 0);
        _withdrawn.Cancel();
    }

    /// <summary>A call is about to begin; false if it must not any more. If it may, <see cref="Begun"/> follows.</summary>
    public bool TryBegin()
    {
        Interlocked.Increment(ref _beginning);
        if (_next is null)
        {
            return true;
        }

        Begun();
        return false;
    }

    /// <summary>The call has begun.</summary>
    public void Begun() => Interlocked.Decrement(ref _beginning);

    /// <inheritdoc/>
    public void Dispose() => _withdrawn.Dispose();

    /// <summary>Asks it without limits; an effect.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> AnswerAsync(EffectCall call, CancellationToken cancellationToken)
    {
        var answer = await model.Value.InferAsync(new ModelRequest(call.Input, call.IdempotencyKey), cancellationToken).ConfigureAwait(false);
        return answer.Output;
    }

    /// <summary>Asks it within its limits and rules; an effect.</summary>
    /// <exception cref="ModelException">It failed.</exception>
    /// <exception cref="ModelBusyException">There is no room, and the turn does not wait.</exception>
    /// <exception cref="ModelWithdrawnException">Another version serves by now; this one was not called.</exception>
    /// <exception cref="WaitEndedException">The turn's wait has ended.</exception>
    /// <exception cref="OverBudgetException">The call is larger than a budget.</exception>
    public ValueTask<ReadOnlyMemory<byte>> AnswerAsync(EffectCall call, ModelTurn turn, CancellationToken cancellationToken)
    {
        var limited = new LimitedCall(this, model.Value);
        return Rules is null ? limited.AskAsync(call, turn, cancellationToken) : Rules.AnswerAsync(call, turn, limited.AskAsync, cancellationToken);
    }
}
