using System.Globalization;
using Trunkline.Server.Configuration;
using Trunkline.Server.Flows.Code;
using Trunkline.Server.Inference;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Flows;

/// <summary>Builds the pipelines of a revision: of the project file's flows, and of those the host wrote in code.</summary>
/// <param name="models">The models of the node.</param>
/// <param name="services">Effects, custom steps and clock of a flow, with the models of a revision.</param>
/// <param name="host">Flows of the host: they make the pipelines of a flow in place of the project file's steps.</param>
internal sealed class ProjectPipelines(
    ModelCatalog models, Func<ModelSet, string, PipelineServices> services, HostRegistrations host)
{
    /// <summary>As <see cref="PipelineBuilder"/>. Makes every model now, so that one that cannot be made refuses the revision.</summary>
    public async ValueTask<RevisionPipelines> BuildAsync(ProjectConfig project, int revision, CancellationToken cancellationToken)
    {
        var leased = models.Lease(project);
        try
        {
            // Models may take seconds to load: not on the caller's thread.
            await Task.Run(leased.Load, cancellationToken);
            await leased.WarmUpAsync(cancellationToken);
            var name = revision.ToString(CultureInfo.InvariantCulture);
            var flows = project.Flows.Values.ToDictionary(
                flow => flow.Name,
                flow => host.Pipelines(flow, name, services(leased, flow.Name)),
                StringComparer.Ordinal);
            return new RevisionPipelines(flows, leased);
        }
        catch
        {
            await leased.DisposeAsync();
            throw;
        }
    }
}
