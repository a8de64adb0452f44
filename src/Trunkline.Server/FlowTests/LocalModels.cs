using Trunkline.Models;
using Trunkline.Server.Configuration;

namespace Trunkline.Server.FlowTests;

/// <summary>Which models run in a test: those that need nothing but this machine.</summary>
internal static class LocalModels
{
    // Named one by one: a kind not known here may call somebody.
    private static readonly string[] Kinds = ["lexicon", "mlnet", "onnx", "lingua"];

    public static bool Has(ProjectConfig project, string model) => project.Models.TryGetValue(model, out var config) && Kinds.Contains(config.Kind);
}

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
