using Trunkline.Server.Configuration;
using Trunkline.Server.Inference;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Flows;

/// <summary>
/// The pipelines of all flows of one revision, with what they were built on (models), which is disposed once the last message
/// that began with the revision is through.
/// </summary>
internal sealed class RevisionPipelines(IReadOnlyDictionary<string, IPipelineFactory> flows, IAsyncDisposable? owned) : IAsyncDisposable
{
    /// <summary>Its models, which go over to those of the next revision; null if it has none.</summary>
    public ModelSet? Models => owned as ModelSet;

    /// <summary>The factory of each flow, by name.</summary>
    public IReadOnlyDictionary<string, IPipelineFactory> Flows => flows;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => owned?.DisposeAsync() ?? ValueTask.CompletedTask;
}

/// <summary>
/// Builds the pipelines of a revision; throws if it cannot, and then nothing has changed.
/// </summary>
internal delegate ValueTask<RevisionPipelines> PipelineBuilder(ProjectConfig project, int revision, CancellationToken cancellationToken);
