namespace Trunkline.Server.Steps;

/// <summary>
/// A step in which messages of a key wait for others: what waits is the key's state, and a timer of the step's name ends the wait, whose
/// message runs this step and those after it.
/// </summary>
internal abstract class GatherStep(string name, TimeSpan within) : Step(name)
{
    private const string TooLarge = "state.too-large";

    /// <inheritdoc/>
    public sealed override ValueTask<bool> RunAsync(MessageRun run, CancellationToken cancellationToken)
    {
        var isOver = TimerMessage.NameOf(run.Input.Stored.Message) == Name;
        var held = run.State.Value;
        return ValueTask.FromResult(isOver ? End(run, held) : Take(run, held));
    }

    /// <summary>The time is over; true if something goes on.</summary>
    protected abstract bool End(MessageRun run, ReadOnlyMemory<byte> held);

    /// <summary>A message came; true if something goes on.</summary>
    protected abstract bool Take(MessageRun run, ReadOnlyMemory<byte> held);

    /// <summary>Goes on waiting with so much; the first of a wait starts its clock. False if it is too much.</summary>
    protected bool TryWait(MessageRun run, ReadOnlyMemory<byte> held, bool isFirst)
    {
        try
        {
            run.State.Set(held, null, Name);
        }
        catch (StepException full) when (full.Fault.Code == TooLarge)
        {
            return false;
        }

        run.Body.SetState(held);
        if (isFirst)
        {
            run.State.SetTimer(Name, within, Name);
        }

        return true;
    }

    /// <summary>The wait is over: nothing is held any more, and this is the body.</summary>
    protected void GoOn(MessageRun run, ReadOnlyMemory<byte> body)
    {
        run.State.Clear();
        run.State.CancelTimer(Name);
        run.Body.SetState(default);
        run.Body.Replace(body);
    }
}
