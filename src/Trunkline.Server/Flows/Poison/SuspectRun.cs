using System.Threading.Channels;
using Trunkline.Messaging;

namespace Trunkline.Server.Flows.Poison;

/// <summary>
/// Deliveries of a partition whose messages may have killed the process twice: up to the last suspect they run one at a time, each
/// named durably before it runs, so that a third death tells which it was. What follows goes the usual way, after them.
/// </summary>
internal sealed class SuspectRun(SuspectContext context, PartitionWork work, PartitionLife life)
{
    // A suspect that takes longer holds up the others no more; should it kill the process then, the next start begins as this one.
    private static readonly TimeSpan AloneMax = TimeSpan.FromMinutes(1);

    // One suspect at a time in the whole process, whatever flow it belongs to: else a death would blame all that ran.
    private static readonly SemaphoreSlim Alone = new(1, 1);

    private readonly Channel<IReadOnlyList<StoredMessage>> _deliveries = Channel.CreateUnbounded<IReadOnlyList<StoredMessage>>(
        new UnboundedChannelOptions { SingleReader = true });

    private bool _isThrough;

    /// <summary>Takes deliveries, in offset order; bounded by what the flow may have in flight.</summary>
    public void Post(IReadOnlyList<StoredMessage> messages) => _deliveries.Writer.TryWrite(messages);

    /// <summary>No more deliveries come.</summary>
    public void Complete() => _deliveries.Writer.TryComplete();

    /// <summary>Runs until completed or cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await foreach (var messages in _deliveries.Reader.ReadAllAsync(cancellationToken))
        {
            var next = 0;
            for (; next < messages.Count && messages[next].Position.Offset <= life.AloneUntil && work.IsOwned; next++)
            {
                await RunAloneAsync(messages[next], cancellationToken);
                work.Delivered(messages[next].Position.Offset + 1);
            }

            if (next < messages.Count && work.IsOwned)
            {
                await EndAsync(cancellationToken);
                context.Spread(work, next == 0 ? messages : [.. messages.Skip(next)]);
            }
        }
    }

    private async Task RunAloneAsync(StoredMessage message, CancellationToken cancellationToken)
    {
        await Alone.WaitAsync(cancellationToken);
        try
        {
            var offset = message.Position.Offset;
            var suspect = new LaneSuspect(work, message, offset == life.Poison);
            if (!suspect.IsPoison)
            {
                await context.Lives.ChangeAsync(work.Partition, life with { AtWork = offset, Poison = -1 }, cancellationToken);
            }

            context.GroupOf(message).Post(suspect);
            if (!await suspect.Done.WaitAsync(AloneMax, context.Time, cancellationToken))
            {
                // It is undone and not at work: the death of another must not be laid on it.
                await context.Lives.ChangeAsync(work.Partition, life with { AtWork = -1, Poison = -1 }, cancellationToken);
            }
        }
        catch (TimeoutException)
        {
            Log.SuspectSlow(context.Log, context.Flow, work.Partition, message.Position.Offset);
        }
        finally
        {
            Alone.Release();
        }
    }

    /// <summary>All suspects were tried and the process lives.</summary>
    private async Task EndAsync(CancellationToken cancellationToken)
    {
        if (!_isThrough)
        {
            _isThrough = true;
            await context.Lives.ChangeAsync(work.Partition, life.Survived(), cancellationToken);
        }
    }
}

/// <summary>What the suspects of a flow share.</summary>
internal sealed record SuspectContext
{
    public required string Flow { get; init; }

    public required LifeBook Lives { get; init; }

    /// <summary>The lane group of a message.</summary>
    public required Func<StoredMessage, LaneGroup> GroupOf { get; init; }

    /// <summary>Hands messages to the lane groups, the usual way.</summary>
    public required Action<PartitionWork, IReadOnlyList<StoredMessage>> Spread { get; init; }

    public required TimeProvider Time { get; init; }

    public required Microsoft.Extensions.Logging.ILogger Log { get; init; }
}

/// <summary>A message that runs alone because it may have killed the process.</summary>
/// <param name="work">Its partition.</param>
/// <param name="message">The message.</param>
/// <param name="isPoison">It did so too often: it becomes a dead letter without being run.</param>
internal sealed class LaneSuspect(PartitionWork work, StoredMessage message, bool isPoison) : LaneErrand
{
    private readonly TaskCompletionSource<bool> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public PartitionWork Work => work;

    public StoredMessage Message => message;

    public bool IsPoison => isPoison;

    /// <summary>True when it is through, durably; false when it has to wait, for another of its key or for its next try.</summary>
    public Task<bool> Done => _done.Task;

    public override void Settle() => _done.TrySetResult(true);

    public override void Interrupt() => _done.TrySetResult(false);
}
