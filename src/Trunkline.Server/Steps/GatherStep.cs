namespace Trunkline.Server.Steps;

/// <summary>
/// A step in which messages of a key wait for others, one to a flow: what waits is the key's state, and a timer ends the wait, whose message
/// runs this step and those after it.
/// </summary>
internal abstract class GatherStep(string name, TimeSpan within) : Step(name)
{
    /// <summary>Its timer. No project can write that name, and it stays the same when steps are named anew.</summary>
    public const string TimerName = ".gather";

    private const string TooLarge = "state.too-large";

    /// <inheritdoc/>
    public sealed override ValueTask<bool> RunAsync(MessageRun run, CancellationToken cancellationToken)
    {
        var isOver = TimerMessage.NameOf(run.Input.Stored.Message) == TimerName;
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
            run.State.SetTimer(TimerName, within, Name);
        }

        return true;
    }

    /// <summary>The wait is over: nothing is held any more, and this is the body.</summary>
    protected static void GoOn(MessageRun run, ReadOnlyMemory<byte> body)
    {
        run.State.Clear();
        run.State.CancelTimer(TimerName);
        run.Body.SetState(default);
        run.Body.Replace(body);
    }
}
