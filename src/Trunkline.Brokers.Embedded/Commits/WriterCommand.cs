using System.Diagnostics.CodeAnalysis;

namespace Trunkline.Brokers.Embedded.Commits;

/// <summary>A change of topics, groups or stored batches, run alone on the writer's thread between two groups of commits.</summary>
internal abstract class WriterCommand : WriterItem
{
    /// <summary>Does it; never throws.</summary>
    public abstract void Run();
}

/// <summary>A command with an answer.</summary>
internal sealed class WriterCommand<T>(Func<T> work) : WriterCommand
{
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Done => _done.Task;

    public override void Fail(Exception error) => _done.TrySetException(error);

    [SuppressMessage("Design", "CA1031", Justification = "The boundary between the caller's command and the writer's thread: the caller gets the error.")]
    public override void Run()
    {
        try
        {
            _done.TrySetResult(work());
        }
        catch (Exception error)
        {
            _done.TrySetException(error);
        }
    }
}
