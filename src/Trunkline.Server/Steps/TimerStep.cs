using Trunkline.Server.Expressions;

namespace Trunkline.Server.Steps;

/// <summary>
/// <c>timer</c>: sets, moves or cancels a timer of the message's key. When it is due, its message runs the steps after this one.
/// </summary>
/// <param name="name">The step.</param>
/// <param name="timer">The timer.</param>
/// <param name="after">When it is due; null to cancel.</param>
/// <param name="when">For which messages; null for all.</param>
internal sealed class TimerStep(string name, string timer, TimeSpan? after, PreparedExpression? when) : Step(name)
{
    /// <summary>The timer this step sets; null if it cancels one.</summary>
    public string? Sets => after is null ? null : timer;

    /// <inheritdoc/>
    public override ValueTask<bool> RunAsync(MessageRun run, CancellationToken cancellationToken)
    {
        if (when is not null && !run.Body.Test(when))
        {
            return ValueTask.FromResult(true);
        }

        if (after is { } wait)
        {
            run.State.SetTimer(timer, wait, Name);
        }
        else
        {
            run.State.CancelTimer(timer);
        }

        return ValueTask.FromResult(true);
    }
}
