using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Trunkline.Core.Limits;
using Trunkline.Server.Configuration;
using Trunkline.Server.Effects;
using Trunkline.Server.Expressions;
using Trunkline.Server.Inference;
using Trunkline.Server.Steps.Redaction;
using Trunkline.Server.Steps.Scripts;

namespace Trunkline.Server.Steps;

/// <summary>What flows of the project file are built with, besides their own text.</summary>
/// <param name="Effects">The door outside.</param>
/// <param name="Models">The models of the revision.</param>
/// <param name="CustomSteps">Steps the host registered, by name.</param>
/// <param name="Time">The clock of time-outs.</param>
internal sealed record PipelineServices(
    EffectPort Effects, ModelSet Models, IReadOnlyDictionary<string, CustomStep> CustomSteps, TimeProvider Time)
{
    /// <summary>Sees messages pass; null for nobody.</summary>
    public IStepWatch? Watch { get; init; }

    /// <summary>Takes pieces of answers as they come; null for nobody.</summary>
    public Action<PartialText>? Pieces { get; init; }

    /// <summary>Where steps log. Default nowhere.</summary>
    public ILogger Log { get; init; } = NullLogger.Instance;

    /// <summary>True if recorded messages run again: one is late exactly if it was when it was recorded. Default false.</summary>
    public bool IsReplay { get; init; }
}

/// <summary>Makes the pipelines of a flow of the project file.</summary>
internal sealed class ProjectPipelineFactory : IPipelineFactory
{
    private readonly PipelinePlan _plan;
    private readonly PipelineServices _services;
    private readonly Provenance _provenance;
    private readonly IReadOnlyList<string> _live;

    /// <param name="flow">The flow, checked.</param>
    /// <param name="revision">The revision's name; goes on every output.</param>
    /// <param name="services">What it is built with.</param>
    public ProjectPipelineFactory(FlowConfig flow, string revision, PipelineServices services)
    {
        _services = services;
        _provenance = new Provenance(flow.Name, revision);
        _live = [.. flow.Branches.Where(branch => !branch.IsLate).SelectMany(branch => branch.To).OfType<LiveSinkConfig>().Select(sink => sink.Name).Distinct()];
        Sinks = [.. flow.Branches.SelectMany(branch => branch.To)];
        var index = 0;
        var branches = flow.Branches
            .Select(branch => new BranchPlan(
                branch.When is null ? null : ExpressionSyntax.Prepare(branch.When),
                [.. branch.To.Select(sink => new SinkPlan(index++, sink, KeyOf(sink)))])
            { IsLate = branch.IsLate })
            .ToArray();
        _plan = new PipelinePlan(_provenance, [.. flow.Steps.Select(Build)], branches)
        {
            Deadline = flow.Deadline is { } deadline ? new DeadlineRule(deadline, services.Time, services.IsReplay) : null,
        };
    }

    /// <inheritdoc/>
    public IReadOnlyList<SinkConfig> Sinks { get; }

    /// <inheritdoc/>
    public IPipeline Create() => new ProjectPipeline(_plan, _services.Effects, new ExpressionLimits(), _services.Watch);

    private static PreparedExpression? KeyOf(SinkConfig sink) =>
        sink is TopicSinkConfig { Key: { } key } ? ExpressionSyntax.Prepare(key) : null;

    private CustomStep CustomOf(UseStepConfig config) => _services.CustomSteps.TryGetValue(config.Use, out var step)
        ? step
        : throw new ArgumentException(
            $"{config.Where}: the host has registered no step '{config.Use}'. Register it with AddStep, or correct the name.", nameof(config));

    private ModelCall CallOf(InferStepConfig infer)
    {
        var alternatives = new List<ModelAlternative>();
        if (infer.Overload?.Reroute is { } other)
        {
            alternatives.Add(ModelAlternative.Rerouting(PlainCallOf(infer, other)));
        }

        if ((infer.Fallback ?? _services.Models.Get(infer.Model).Fallback) is { } fallback)
        {
            alternatives.Add(ModelAlternative.Fallback(PlainCallOf(infer, fallback.Model), fallback.On));
        }

        return new ModelCall(infer.Name, infer.Model, _services.Models.Get(infer.Model), _services.Time, infer.Memo) { Overload = infer.Overload, Alternatives = alternatives, Tools = infer.Tools, Pieces = PiecesOf(infer) };
    }

    private PieceSender? PiecesOf(InferStepConfig infer) =>
        infer.Streams && _services.Pieces is { } take ? new PieceSender(_provenance, _live, take) : null;

    private ModelCall PlainCallOf(InferStepConfig infer, string model) => new(infer.Name, model, _services.Models.Get(model), _services.Time, infer.Memo) { Tools = infer.Tools };

    private ModelCall NamesOf(RedactStepConfig redact, string model)
    {
        var alternatives = _services.Models.Get(model).Fallback is { } fallback
            ? [ModelAlternative.Fallback(new ModelCall(redact.Name, fallback.Model, _services.Models.Get(fallback.Model), _services.Time, null), fallback.On)]
            : Array.Empty<ModelAlternative>();
        return new ModelCall(redact.Name, model, _services.Models.Get(model), _services.Time, null) { Alternatives = alternatives };
    }

    private CallLimiter NewLimiter() => new(new ConcurrencySettings { Max = EnrichStep.CallsMax, Start = EnrichStep.CallsMax }, EnrichStep.Breaker, _services.Time);

    private Step Build(StepConfig config) => config switch
    {
        ParseStepConfig { Format: "json" } parse => new ParseJsonStep(parse.Name),
        ParseStepConfig { Format: "mail" } parse => new ParseMailStep(parse.Name),
        MapStepConfig map => new MapStep(map.Name, ExpressionSyntax.Prepare(map.Expression)),
        FilterStepConfig filter => new FilterStep(filter.Name, ExpressionSyntax.Prepare(filter.Expression)),
        InferStepConfig infer => new InferStep(
            infer.Name,
            ExpressionSyntax.Prepare(infer.Input),
            infer.Output,
            CallOf(infer)),
        StateStepConfig state => new StateStep(state.Name, ExpressionSyntax.Prepare(state.Update), state.Output, state.Expire),
        TimerStepConfig timer => new TimerStep(timer.Name, timer.Timer, timer.After, timer.When is null ? null : ExpressionSyntax.Prepare(timer.When)),
        UseStepConfig use => new UseStep(use.Name, use.Use, CustomOf(use)),
        EnrichStepConfig enrich => new EnrichStep(enrich, _services.Models.Http, NewLimiter(), _services.Time),
        RedactStepConfig redact => new RedactStep(redact, redact.Names is { } names ? NamesOf(redact, names) : null),
        SplitStepConfig split => new SplitStep(split.Name, ExpressionSyntax.Prepare(split.List), split.Max),
        BatchStepConfig batch => new BatchStep(batch.Name, batch.Size, batch.Within),
        JoinStepConfig join => new JoinStep(join),
        ThrottleStepConfig throttle => new ThrottleStep(throttle, _services.Time) { IsOff = _services.IsReplay },
        ExecStepConfig exec => new ExecStep(exec, _services.Time, _services.Log),
        _ => throw new ArgumentException($"Step '{config.Name}' has no implementation.", nameof(config)),
    };
}
