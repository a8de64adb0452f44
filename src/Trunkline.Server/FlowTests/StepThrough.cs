using System.Text;
using System.Text.Json;
using Trunkline.Core.Security;
using Trunkline.Messaging;
using Trunkline.Models;
using Trunkline.Server.Configuration;
using Trunkline.Server.Effects;
using Trunkline.Server.Inference;
using Trunkline.Server.Steps;

namespace Trunkline.Server.FlowTests;

/// <summary>A message to take through a flow.</summary>
/// <param name="Payload">Its bytes.</param>
/// <param name="ContentType">What they are.</param>
public sealed record StepMessage(ReadOnlyMemory<byte> Payload, string ContentType)
{
    /// <summary>Its id. Default <c>m1</c>.</summary>
    public string Id { get; init; } = "m1";

    /// <summary>Its key; null for none.</summary>
    public string? Key { get; init; }
}

/// <summary>One message through one flow, step by step.</summary>
/// <param name="Flow">The flow.</param>
/// <param name="Steps">What each step made of it, in order.</param>
/// <param name="Outcome"><c>branch-1</c>, <c>filtered (step)</c>, <c>failed (code)</c>.</param>
/// <param name="Detail">Why it failed; null if it did not.</param>
/// <param name="Outputs">What sinks would get; nothing is sent.</param>
public sealed record StepTrace(string Flow, IReadOnlyList<StepView> Steps, string Outcome, string? Detail, IReadOnlyList<StepOutput> Outputs);

/// <summary>What one step made of a message.</summary>
/// <param name="Step">The step.</param>
/// <param name="Body">The body after it.</param>
/// <param name="GoesOn">False if the step ended it, filtered.</param>
/// <param name="Effects">What it asked outside.</param>
public sealed record StepView(string Step, JsonElement Body, bool GoesOn, IReadOnlyList<StepEffect> Effects);

/// <summary>A question to the outside, and its answer.</summary>
/// <param name="Name">Model with version, or name of the call.</param>
/// <param name="Question">What was asked, as text.</param>
/// <param name="Answer">What was answered, as text; null if there was no answer.</param>
public sealed record StepEffect(string Name, string Question, string? Answer);

/// <summary>What a sink would get.</summary>
/// <param name="Sink">The sink.</param>
/// <param name="Key">The key.</param>
/// <param name="Body">The body, as text.</param>
public sealed record StepOutput(string Sink, string? Key, string Body);

/// <summary>Takes one message through a flow, offline, and shows it after every step. Nothing is stored or sent to a sink.</summary>
public static class StepThrough
{
    /// <summary>Runs it.</summary>
    /// <param name="project">The project, without faults.</param>
    /// <param name="flow">The flow's name; the project has it.</param>
    /// <param name="message">The message.</param>
    /// <param name="answers">Answers of models and host steps by name; null to really ask models.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="InvalidModelException">A model cannot be made.</exception>
    public static async Task<StepTrace> RunAsync(
        ProjectConfig project, string flow, StepMessage message, IReadOnlyDictionary<string, JsonElement>? answers, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(project);
        ArgumentNullException.ThrowIfNull(message);
        var config = project.Flows[flow];
        var called = StandIns.WithModelsOf(project, [config]);
        var catalog = new ModelCatalog(new OutgoingAddressPolicy(project.Node.AllowAddresses), StandIns.ModelsOf(called), TimeProvider.System);
        await using (catalog.ConfigureAwait(false))
        {
            var models = catalog.Lease(called);
            await using (models.ConfigureAwait(false))
            {
                await Task.Run(models.Load, cancellationToken).ConfigureAwait(false);
                var watch = new Recorder(new EffectReplayer(Rules(project, answers)));
                var services = new PipelineServices(new EffectPort(watch.InterceptAsync), models, StandIns.StepsOf(config), TimeProvider.System) { Watch = watch };
                using var pipeline = new ProjectPipelineFactory(config, "step", services).Create();
                var states = new TransientStates(TimeProvider.System);
                await using (states.ConfigureAwait(false))
                {
                    var input = new PipelineInput("step", Stored(message), 1) { States = states.States };
                    return Trace(config, watch, await pipeline.RunAsync(input, cancellationToken).ConfigureAwait(false));
                }
            }
        }
    }

    private static ReplayRules Rules(ProjectConfig project, IReadOnlyDictionary<string, JsonElement>? answers) => new()
    {
        Mode = answers is null ? EffectMode.Fresh : EffectMode.Stub,
        Stubs = (answers ?? new Dictionary<string, JsonElement>())
            .ToDictionary(a => a.Key, a => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(a.Value.GetRawText()), StringComparer.Ordinal),
        MayRun = call => call.Kind == EffectKind.Model && LocalModels.Has(project, call.Subject),
    };

    private static StoredMessage Stored(StepMessage message) => new(
        new Message
        {
            Id = new MessageId(message.Id),
            Source = "/step",
            Key = message.Key is { } key ? MessageKey.FromText(key) : null,
            ContentType = message.ContentType,
            Payload = message.Payload,
        },
        new Position(0, 0),
        TimeProvider.System.GetUtcNow());

    private static StepTrace Trace(FlowConfig config, Recorder watch, PipelineResult result)
    {
        var sinks = config.Branches.SelectMany(branch => branch.To).Select(sink => sink.Name).ToArray();
        watch.Finish(result is PipelineResult.Failed { Fault.Step: { } at } ? at : null);
        return result switch
        {
            PipelineResult.Delivered delivered => new StepTrace(
                config.Name, watch.Steps, FormattableString.Invariant($"branch-{delivered.Branch + 1}"), null,
                [.. delivered.Outputs.Select(output => new StepOutput(sinks[output.Sink], output.Message.Key?.ToString(), Encoding.UTF8.GetString(output.Message.Payload.Span)))]),
            PipelineResult.Filtered filtered => new StepTrace(config.Name, watch.Steps, $"filtered ({filtered.Step})", null, []),
            PipelineResult.Failed { Fault: var fault } => new StepTrace(config.Name, watch.Steps, $"failed ({fault.Code} in {fault.Step})", fault.Detail, []),
            _ => throw new InvalidOperationException($"Unknown result {result.GetType().Name}."),
        };
    }

    /// <summary>Notes what passes; one message, one thread at a time.</summary>
    private sealed class Recorder(EffectReplayer answers) : IStepWatch
    {
        private readonly List<StepView> _steps = [];
        private List<StepEffect> _effects = [];

        public IReadOnlyList<StepView> Steps => _steps;

        public async ValueTask<ReadOnlyMemory<byte>> InterceptAsync(EffectCall call, EffectHandler next, CancellationToken cancellationToken)
        {
            _effects.Add(new StepEffect(call.Name, Encoding.UTF8.GetString(call.Input.Span), null));
            var answer = await answers.InterceptAsync(call, next, cancellationToken).ConfigureAwait(false);
            _effects[^1] = _effects[^1] with { Answer = Encoding.UTF8.GetString(answer.Span) };
            return answer;
        }

        public void Began(in PipelineInput input)
        {
            // What came in is known to whoever sent it.
        }

        public void Passed(MessageRun run, string step, bool goesOn)
        {
            using var body = JsonDocument.Parse(run.Body.Changed ? run.Body.Write() : run.Input.Stored.Message.Payload);
            _steps.Add(new StepView(step, body.RootElement.Clone(), goesOn, _effects));
            _effects = [];
        }

        public void Ended(in PipelineInput input, PipelineResult result)
        {
            // The result is what the pipeline answers.
        }

        /// <summary>A step that failed has asked too.</summary>
        public void Finish(string? failedAt)
        {
            if (failedAt is not null && _effects.Count > 0)
            {
                _steps.Add(new StepView(failedAt, _steps.Count > 0 ? _steps[^1].Body : default, false, _effects));
            }
        }
    }
}
