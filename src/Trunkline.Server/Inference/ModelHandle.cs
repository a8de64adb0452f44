using Trunkline.Models;
using Trunkline.Server.Effects;

namespace Trunkline.Server.Inference;

/// <summary>A model as a step sees it; made at its first use. Thread-safe.</summary>
/// <param name="model">Makes the model once.</param>
/// <param name="timeout">Bound on one call.</param>
internal sealed class ModelHandle(Lazy<IModel> model, TimeSpan timeout)
{
    /// <summary>Bound on one call.</summary>
    public TimeSpan Timeout { get; } = timeout;

    /// <summary>What answers.</summary>
    /// <exception cref="InvalidModelException">It cannot be made.</exception>
    public string Version => model.Value.Version;

    /// <summary>Asks it; an effect.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> AnswerAsync(EffectCall call, CancellationToken cancellationToken)
    {
        var answer = await model.Value.InferAsync(new ModelRequest(call.Input, call.IdempotencyKey), cancellationToken).ConfigureAwait(false);
        return answer.Output;
    }
}
