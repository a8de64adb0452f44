using Trunkline.Messaging.Brokers;
using Trunkline.Server.Configuration;

namespace Trunkline.Server.Flows;

/// <summary>How far a group is behind.</summary>
internal static class FlowLag
{
    /// <summary>Of a flow: null where its source is no topic, or a topic that is gone: the flow's state tells that.</summary>
    public static async Task<(long? Lag, DateTimeOffset? Oldest)> OfAsync(IBroker broker, SourceConfig source, CancellationToken cancellationToken)
    {
        if (source is not TopicSourceConfig topic)
        {
            return (null, null);
        }

        try
        {
            return await OfAsync(broker, topic.Topic, topic.Group, cancellationToken);
        }
        catch (BrokerException gone) when (gone.Code == BrokerErrorCode.TopicNotFound)
        {
            return (null, null);
        }
    }

    /// <summary>Of a group on a topic, over all partitions.</summary>
    public static async Task<(long Lag, DateTimeOffset? Oldest)> OfAsync(IBroker broker, string topic, string group, CancellationToken cancellationToken)
    {
        var groups = await broker.DescribeGroupsAsync(topic, cancellationToken);
        if (groups.FirstOrDefault(g => g.Group == group) is not { } found)
        {
            // No member yet and nothing committed: it will begin at the oldest message.
            var description = await broker.DescribeTopicAsync(topic, cancellationToken);
            return (description.Partitions.Sum(p => p.HighOffset - p.LowOffset), null);
        }

        return (found.Partitions.Sum(p => p.Lag), found.Partitions.Min(p => p.OldestAppendedAt));
    }
}

/// <summary>Rates from counts: over the time since an earlier look at least a second ago. Thread-safe.</summary>
internal sealed class FlowRates(TimeProvider time)
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly Queue<(long At, long In, long Done)> _looks = new();

    /// <summary>Messages a second taken, and finished.</summary>
    public (double In, double Done) Of(FlowCounts counts)
    {
        var now = time.GetTimestamp();
        var done = counts.Delivered + counts.Filtered + counts.DeadLettered;
        lock (_lock)
        {
            // The oldest look kept is the youngest that is older than the window.
            while (_looks.Count > 1 && time.GetElapsedTime(_looks.ElementAt(1).At, now) >= Window)
            {
                _looks.Dequeue();
            }

            if (_looks.Count == 0 || time.GetElapsedTime(_looks.Last().At, now) >= TimeSpan.FromSeconds(1))
            {
                _looks.Enqueue((now, counts.In, done));
            }

            var first = _looks.Peek();
            var seconds = time.GetElapsedTime(first.At, now).TotalSeconds;
            return seconds < 0.1 ? (0, 0) : ((counts.In - first.In) / seconds, (done - first.Done) / seconds);
        }
    }
}
