using Trunkline.Server.Configuration;
using Trunkline.Server.Effects;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Flows.Code;

/// <summary>Makes the pipelines of a flow of the host's own code. Thread-safe.</summary>
internal sealed class CodePipelineFactory(CodeFlow flow, string revision, PipelineServices services) : IPipelineFactory
{
    private readonly Provenance _provenance = new(flow.Config.Name, revision);
    private readonly Dictionary<string, ModelCall> _models = flow.Models.ToDictionary(
        model => model.Key,
        model => new ModelCall(CodeFlow.HandlerStep, model.Key, services.Models.Get(model.Key), services.Time, model.Value),
        StringComparer.Ordinal);

    /// <inheritdoc/>
    public IReadOnlyList<SinkConfig> Sinks => flow.Sinks;

    /// <inheritdoc/>
    public IPipeline Create() => new CodePipeline(flow, _provenance, _models, services.Effects, services.Watch);
}

/// <summary>Runs a handler of the host's own code; holds no state of its own.</summary>
internal sealed class CodePipeline(
    CodeFlow flow, Provenance provenance, IReadOnlyDictionary<string, ModelCall> models, EffectPort port, IStepWatch? watch) : IPipeline
{
    /// <inheritdoc/>
    public async ValueTask<PipelineResult> RunAsync(PipelineInput input, CancellationToken cancellationToken)
    {
        var effects = new MessageEffects(input, port);
        var run = new FlowRun(effects, flow.Json, models) { ParsesMail = flow.ParsesMail };
        if (input.Visit is not null && (await run.OpenStateAsync(cancellationToken).ConfigureAwait(false)).IsVoid)
        {
            return new PipelineResult.Filtered(StateUpkeep.Step);
        }

        watch?.Began(input);
        var handled = await HandleAsync(run, cancellationToken).ConfigureAwait(false);
        var result = effects.Complete(run.StateOutcome is { } state ? handled with { State = state } : handled);
        watch?.Ended(input, result);
        return result;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Nothing is held: the flow object belongs to the host.
    }

    private async ValueTask<PipelineResult> HandleAsync(FlowRun run, CancellationToken cancellationToken)
    {
        try
        {
            var output = new FlowOutput(flow, run, provenance);
            await flow.Flow.RunAsync(run, output, cancellationToken).ConfigureAwait(false);
            var outputs = output.Complete();
            return outputs.Count == 0 ? new PipelineResult.Filtered(CodeFlow.HandlerStep) : new PipelineResult.Delivered(0, outputs);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (StepException exception)
        {
            return new PipelineResult.Failed(exception.Fault);
        }
        catch (Exception exception)
        {
            // The boundary to the host's code: any failure there is this message's, and is retried unless it says otherwise.
            return new PipelineResult.Failed(CustomFault.Of(exception, CodeFlow.HandlerStep, $"flow '{flow.Config.Name}'"));
        }
    }
}
