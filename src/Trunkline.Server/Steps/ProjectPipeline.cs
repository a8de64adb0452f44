using Trunkline.Core.Telemetry;
using Trunkline.Server.Effects;
using Trunkline.Server.Expressions;

namespace Trunkline.Server.Steps;

/// <summary>The pipeline of a flow of the project file, for one lane.</summary>
internal sealed class ProjectPipeline(PipelinePlan plan, EffectPort effects, ExpressionLimits limits, IStepWatch? watch = null) : IPipeline
{
    private readonly OutputBuilder _outputs = new(plan);
    private readonly MessageBody _body = new(limits);
    private string _at = "";
    private byte[]? _whole;

    /// <inheritdoc/>
    public async ValueTask<PipelineResult> RunAsync(PipelineInput input, CancellationToken cancellationToken)
    {
        var state = default(MessageState);
        if (plan.KeepsState || input.Visit is not null)
        {
            try
            {
                state = await MessageState.OpenAsync(input, StateUpkeep.Step, cancellationToken).ConfigureAwait(false);
            }
            catch (StepException exception)
            {
                return new PipelineResult.Failed(exception.Fault);
            }

            if (state.IsVoid)
            {
                return new PipelineResult.Filtered(StateUpkeep.Step);
            }
        }

        _body.Begin(input.Stored, input.Attempt);
        _body.SetState(state?.Value ?? default);
        watch?.Began(input);
        var run = new MessageRun(new MessageEffects(input, effects) { Expires = plan.Deadline?.ExpiryOf(input) }, _body, state);
        var result = plan.Deadline is { } deadline && await deadline.IsLateAsync(run.Effects, cancellationToken).ConfigureAwait(false)
            ? Late(run, deadline, "deadline")
            : await StepsAsync(run, cancellationToken).ConfigureAwait(false);
        watch?.Ended(input, result);
        return run.Effects.Complete(state?.Outcome is { } outcome ? result with { State = outcome } : result);
    }

    /// <inheritdoc/>
    public void Dispose() => _body.Dispose();

    private async ValueTask<PipelineResult> StepsAsync(MessageRun run, CancellationToken cancellationToken)
    {
        (_at, _whole) = ("", null);
        try
        {
            // Only a timer's message has a name here: what came before the timer was set is not done again for it.
            var timer = TimerMessage.NameOf(run.Input.Stored.Message);
            if ((timer is null ? 0 : plan.BeginOf(timer)) is not { } begin)
            {
                return new PipelineResult.Filtered(StateUpkeep.Step);
            }

            return await GoOnAsync(run, begin, Parts.None, cancellationToken).ConfigureAwait(false);
        }
        catch (StepException exception) when (exception.Fault.Code == DeadlineRule.Expired && plan.Deadline is not null)
        {
            await DeadlineRule.RecordAsync(run.Effects, cancellationToken).ConfigureAwait(false);
            return Late(run, plan.Deadline, _at);
        }
        catch (StepException exception)
        {
            return new PipelineResult.Failed(exception.Fault.Exception is null ? exception.Fault with { Exception = exception.InnerException?.GetType().FullName } : exception.Fault);
        }
        catch (ExpressionException exception)
        {
            return FailedBy(exception, _at);
        }
    }

    /// <summary>Runs the message, or a part of it, through the steps from one on, and out.</summary>
    private async ValueTask<PipelineResult> GoOnAsync(MessageRun run, int begin, Parts parts, CancellationToken cancellationToken)
    {
        var span = run.Input.Span;
        for (var i = begin; i < plan.Steps.Count; i++)
        {
            var step = plan.Steps[i];
            _at = step.Name;
            if (step is SplitStep split)
            {
                return await SplitAsync(run, split, i + 1, parts, cancellationToken).ConfigureAwait(false);
            }

            var goesOn = span is null
                ? await step.RunAsync(run, cancellationToken).ConfigureAwait(false)
                : await StepAsync(span, step, run, cancellationToken).ConfigureAwait(false);
            watch?.Passed(run, step.Name, goesOn);
            if (!goesOn)
            {
                return new PipelineResult.Filtered(step.Name);
            }
        }

        _at = "branch";
        return Branch(run, parts);
    }

    /// <summary>Each part goes on as a message of its own; what comes of all is one result, so that all are committed together.</summary>
    private async ValueTask<PipelineResult> SplitAsync(MessageRun run, SplitStep split, int next, Parts parts, CancellationToken cancellationToken)
    {
        var elements = split.PartsOf(run);
        _whole ??= run.Body.Write();
        watch?.Passed(run, split.Name, elements.Count > 0);
        var outputs = new List<SinkOutput>();
        var branch = -1;
        PipelineResult last = new PipelineResult.Filtered(split.Name);
        for (var i = 0; i < elements.Count; i++)
        {
            run.Body.Replace(elements[i]);
            last = await GoOnAsync(run, next, parts.Then(i), cancellationToken).ConfigureAwait(false);
            if (last is not PipelineResult.Delivered delivered)
            {
                continue;
            }

            branch = branch < 0 ? delivered.Branch : branch;
            outputs.AddRange(delivered.Outputs);
            if (outputs.Count > SplitStep.PartsMax)
            {
                throw new StepException(new StepFault(
                    "step.split-failed", split.Name, FormattableString.Invariant($"The message makes more than {SplitStep.PartsMax} outputs."), FaultClass.Terminal));
            }
        }

        return branch < 0 ? last : new PipelineResult.Delivered(branch, outputs);
    }

    private static async ValueTask<bool> StepAsync(MessageSpan span, Step step, MessageRun run, CancellationToken cancellationToken)
    {
        using var part = span.Begin(step.SpanName);
        using var inside = part?.Enter();
        var goesOn = await step.RunAsync(run, cancellationToken).ConfigureAwait(false);
        part?.Done();
        return goesOn;
    }

    private PipelineResult.Failed FailedBy(ExpressionException exception, string at)
    {
        if (exception.Code == ExpressionException.Limit)
        {
            _body.DropEngine();
        }

        var faultClass = exception.IsTransient ? FaultClass.Retryable : FaultClass.Terminal;
        return new PipelineResult.Failed(new StepFault(exception.Code, at, exception.Message, faultClass));
    }

    private PipelineResult Late(MessageRun run, DeadlineRule deadline, string at)
    {
        try
        {
            if (plan.Late >= 0 && _whole is not null)
            {
                // Late is the message, not the part that was at work.
                run.Body.Replace(_whole);
            }

            return plan.Late < 0
                ? new PipelineResult.Failed(deadline.FaultAt(at))
                : new PipelineResult.Delivered(plan.Late, _outputs.Build(run, plan.Branches[plan.Late], Parts.None));
        }
        catch (ExpressionException exception)
        {
            return FailedBy(exception, "late");
        }
    }

    private PipelineResult Branch(MessageRun run, Parts parts)
    {
        for (var i = 0; i < plan.Branches.Count; i++)
        {
            var branch = plan.Branches[i];
            if (!branch.IsLate && (branch.When is null || run.Body.Test(branch.When)))
            {
                return new PipelineResult.Delivered(i, _outputs.Build(run, branch, parts));
            }
        }

        return new PipelineResult.Filtered("branch");
    }
}
