using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Consuming;
using Trunkline.Server.Connectors.Hooks;

namespace Trunkline.Server.Connectors.Http;

/// <summary>
/// Requests as source: partition 0, offsets that count requests. It keeps no cursor: a request is answered once its message is
/// committed, and a client that got no answer sends again. Repeats of a (source, id) are recognised at the topics; those of webhooks before.
/// </summary>
/// <param name="origin">What steps and dead letters name as the origin.</param>
/// <param name="intake">Where requests wait.</param>
/// <param name="time">The clock.</param>
/// <param name="seen">What webhooks were taken; null for other requests.</param>
internal sealed class HttpSource(string origin, HttpIntake intake, TimeProvider time, SeenHooks? seen = null) : IFlowSource
{
    private readonly Lock _lock = new();
    private readonly Dictionary<long, PostedMessage> _taken = [];
    private readonly ChangeSignal _resumed = new();
    private volatile bool _paused;
    private bool _assigned;
    private long _next;

    public string Topic => origin;

    public FencingToken? Fence => null;

    public DedupeMode Dedupe => DedupeMode.ById;

    public async ValueTask<SubscriptionEvent> ReceiveAsync(int maxMessages, CancellationToken cancellationToken)
    {
        if (!_assigned)
        {
            _assigned = true;
            return new SubscriptionEvent.Assigned([new PartitionAssignment(0, Progress.At(0))]);
        }

        while (true)
        {
            var resumed = _resumed.Next;
            if (_paused)
            {
                await resumed.WaitAsync(cancellationToken);
                continue;
            }

            if (!await intake.Posted.WaitToReadAsync(cancellationToken))
            {
                // Closed: nothing more will come.
                await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken);
            }

            if (Take(maxMessages) is { Count: > 0 } messages)
            {
                return new SubscriptionEvent.Delivered(0, messages);
            }
        }
    }

    public void Pause(int partition) => _paused = true;

    public void Resume(int partition)
    {
        _paused = false;
        _resumed.Set();
    }

    public void Record(int partition, IReadOnlyList<CompletedMessage> completed, Progress progress, UnitDraft unit)
    {
        // The answer to the request is the record, but that a webhook is known for longer.
        lock (_lock)
        {
            seen?.Record(completed.Select(message => _taken.GetValueOrDefault(message.Offset)?.Identity).OfType<string>(), unit);
        }
    }

    public void Committed(int partition, IReadOnlyList<CompletedMessage> completed)
    {
        seen?.Committed();
        lock (_lock)
        {
            foreach (var message in completed)
            {
                if (_taken.Remove(message.Offset, out var posted))
                {
                    posted.Answer(message.Outcome switch
                    {
                        MessageOutcome.Delivered => IntakeResult.Delivered,
                        MessageOutcome.Filtered => IntakeResult.Filtered,
                        MessageOutcome.Parked => IntakeResult.Parked,
                        MessageOutcome.Delayed => IntakeResult.Delayed,
                        _ => IntakeResult.DeadLettered,
                    });
                }
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            foreach (var posted in _taken.Values)
            {
                posted.Answer(IntakeResult.Closed);
            }

            _taken.Clear();
        }

        return ValueTask.CompletedTask;
    }

    private List<StoredMessage> Take(int maxMessages)
    {
        var messages = new List<StoredMessage>();
        lock (_lock)
        {
            while (messages.Count < maxMessages && intake.Posted.TryRead(out var posted))
            {
                _taken.Add(_next, posted);
                messages.Add(new StoredMessage(posted.Message, new Position(0, _next++), time.GetUtcNow()));
            }
        }

        return messages;
    }
}
