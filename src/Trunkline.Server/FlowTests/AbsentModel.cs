using Trunkline.Models;

namespace Trunkline.Server.FlowTests;

/// <summary>Stands for a model of the host's own code, which is not here: the test answers in its place.</summary>
internal sealed class AbsentModel(string name) : IModel
{
    /// <inheritdoc/>
    public string Kind => "use";

    /// <inheritdoc/>
    public string Version => "test";

    /// <inheritdoc/>
    public ValueTask<ModelAnswer> InferAsync(ModelRequest request, CancellationToken cancellationToken) =>
        throw new ModelException(ModelFailure.Refused, $"Model '{name}' is the host's own and not in this program.");

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
