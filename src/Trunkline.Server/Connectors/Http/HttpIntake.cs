using System.Threading.Channels;
using Trunkline.Messaging;

namespace Trunkline.Server.Connectors.Http;

/// <summary>What became of a posted message.</summary>
internal enum IntakeResult
{
    /// <summary>The flow's outputs are durable.</summary>
    Delivered,

    /// <summary>A filter ended it; that is durable too.</summary>
    Filtered,

    /// <summary>It is durable in the flow's dead letters.</summary>
    DeadLettered,

    /// <summary>It is durable, and waits behind an earlier message of its key that failed.</summary>
    Parked,

    /// <summary>It is durable, failed, and is tried again later by itself.</summary>
    Delayed,

    /// <summary>Too many requests wait already: nothing was taken.</summary>
    Overloaded,

    /// <summary>The flow is stopping or stopped: the message may come again.</summary>
    Closed,
}

/// <summary>
/// Where requests hand their messages to a flow, and wait until it has committed them. Lives as long as the flow is configured;
/// the source reads from it. Thread-safe.
/// </summary>
internal sealed class HttpIntake : IDisposable
{
    /// <summary>Requests that may wait for the flow to take them; one more is refused as overloaded.</summary>
    public const int WaitingMax = 1024;

    private readonly Channel<PostedMessage> _posted = Channel.CreateBounded<PostedMessage>(
        new BoundedChannelOptions(WaitingMax) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });

    /// <summary>The messages posted, for the one source that reads.</summary>
    public ChannelReader<PostedMessage> Posted => _posted.Reader;

    /// <summary>Hands in a message; completes when the flow has committed what became of it.</summary>
    /// <param name="message">The message.</param>
    /// <param name="identity">What a repeat is told by, where the source keeps that; null for nothing.</param>
    /// <param name="cancellationToken">Ends the wait of the caller; the message, once taken, goes its way.</param>
    public Task<IntakeResult> AcceptAsync(Message message, string? identity, CancellationToken cancellationToken)
    {
        var posted = new PostedMessage(message) { Identity = identity };
        if (_posted.Writer.TryWrite(posted))
        {
            return posted.Result.WaitAsync(cancellationToken);
        }

        return Task.FromResult(_posted.Reader.Completion.IsCompleted ? IntakeResult.Closed : IntakeResult.Overloaded);
    }

    /// <summary>Takes no more, and tells all who wait for their turn.</summary>
    public void Dispose()
    {
        _posted.Writer.TryComplete();
        while (_posted.Reader.TryRead(out var posted))
        {
            posted.Answer(IntakeResult.Closed);
        }
    }
}

/// <summary>A posted message and whoever waits for it.</summary>
internal sealed class PostedMessage(Message message)
{
    private readonly TaskCompletionSource<IntakeResult> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Message Message => message;

    /// <summary>What a repeat is told by; null for nothing.</summary>
    public string? Identity { get; init; }

    public Task<IntakeResult> Result => _result.Task;

    public void Answer(IntakeResult result) => _result.TrySetResult(result);
}
