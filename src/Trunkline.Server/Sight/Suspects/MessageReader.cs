using System.Text;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Configuration;
using Trunkline.Server.Outcomes;

namespace Trunkline.Server.Sight.Suspects;

/// <summary>Reads what became of a flow's latest messages, and what they are.</summary>
internal sealed class MessageReader(IBroker broker)
{
    /// <summary>Messages of the outcome topic, each with the outcomes of a unit, that are read on each side of the time.</summary>
    private const int UnitsMax = 1000;

    /// <summary>Messages that are looked at on each side; the latest where there are more.</summary>
    private const int MessagesMax = 4000;

    private const int PageMessages = 256;

    /// <summary>Messages done with from a time on, and before it.</summary>
    public async Task<SeenMessages> ReadAsync(FlowConfig flow, DateTimeOffset from, CancellationToken cancellationToken)
    {
        try
        {
            var topic = OutcomeTopics.Of(flow.Name);
            var end = (await broker.DescribeTopicAsync(topic, cancellationToken)).Partitions[0];
            var middle = await broker.OffsetAtAsync(topic, 0, from, cancellationToken);
            return new SeenMessages(
                await ReadAsync(flow, topic, (Math.Max(middle, end.HighOffset - UnitsMax), end.HighOffset), cancellationToken),
                await ReadAsync(flow, topic, (Math.Max(end.LowOffset, middle - UnitsMax), middle), cancellationToken));
        }
        catch (BrokerException none) when (none.Code == BrokerErrorCode.TopicNotFound)
        {
            return SeenMessages.None;
        }
    }

    private async Task<IReadOnlyList<SeenMessage>> ReadAsync(FlowConfig flow, string topic, (long From, long Until) range, CancellationToken cancellationToken)
    {
        var found = new Dictionary<(int Partition, long Offset), Found>();
        for (var at = range.From; at < range.Until;)
        {
            var page = await broker.ReadAsync(new ReadRequest(topic, 0, at, PageMessages), cancellationToken);
            if (page.Count == 0)
            {
                break;
            }

            foreach (var stored in page.TakeWhile(m => m.Position.Offset < range.Until))
            {
                OutcomeReader.Read(stored).ForEach(row => Take(found, row, stored.AppendedAt));
            }

            at = page[^1].Position.Offset + 1;
        }

        var latest = found.OrderByDescending(f => f.Value.At).Take(MessagesMax).ToDictionary();
        if (flow.From is TopicSourceConfig source)
        {
            await AddMessagesAsync(latest, source.Topic, cancellationToken);
        }

        MessageAttributes.Narrow([.. latest.Values.Select(f => f.Attributes)]);
        return [.. latest.Where(f => f.Value.IsDone).Select(f => new SeenMessage(f.Value.Id, f.Value.At, f.Value.Took, f.Value.FailedAt, f.Value.Cause, f.Value.Attributes) { Place = new Position(f.Key.Partition, f.Key.Offset) })];
    }

    private static void Take(Dictionary<(int Partition, long Offset), Found> found, in OutcomeRow row, DateTimeOffset at)
    {
        var place = (row.Partition, row.Offset);
        if (!found.TryGetValue(place, out var message))
        {
            found.Add(place, message = new Found());
        }

        message.Take(row, at);
    }

    /// <summary>Reads the messages themselves, in the runs they stand in.</summary>
    private async Task AddMessagesAsync(Dictionary<(int Partition, long Offset), Found> found, string topic, CancellationToken cancellationToken)
    {
        foreach (var partition in found.Keys.GroupBy(place => place.Partition))
        {
            var wanted = partition.Select(p => p.Offset).Order().ToList();
            var read = 0;
            for (var at = wanted[0]; at <= wanted[^1] && read < 2 * MessagesMax;)
            {
                var page = await broker.ReadAsync(new ReadRequest(topic, partition.Key, at, PageMessages), cancellationToken);
                if (page.Count == 0)
                {
                    break;
                }

                foreach (var stored in page)
                {
                    if (found.TryGetValue((partition.Key, stored.Position.Offset), out var message))
                    {
                        MessageAttributes.Add(message.Attributes, stored.Message);
                    }
                }

                read += page.Count;
                at = page[^1].Position.Offset + 1;
            }
        }
    }

    private sealed class Found
    {
        private DateTimeOffset _appendedAt;

        public string Id { get; private set; } = "";

        public DateTimeOffset At { get; private set; }

        public TimeSpan Took => At - _appendedAt;

        public string? FailedAt { get; private set; }

        public string? Cause { get; private set; }

        /// <summary>False while only a sink has told of it, too.</summary>
        public bool IsDone { get; private set; }

        public Dictionary<string, string> Attributes { get; } = new(StringComparer.Ordinal);

        public void Take(in OutcomeRow row, DateTimeOffset at)
        {
            var hop = row.Context.Sink.Length == 0 ? HopSide.Steps : row.Context.Sink;
            if (hop == HopSide.Steps)
            {
                // What waits behind another of its key, or was let through by a filter, tells nothing.
                IsDone = row.State is not (OutcomeState.Parked or OutcomeState.Filtered);
                _appendedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.AppendedAtMilliseconds);
                Id = Encoding.UTF8.GetString(row.Id.Span);
                MessageAttributes.Add(Attributes, row);
            }

            At = at;
            if (row.State is OutcomeState.DeadLettered or OutcomeState.Shed or OutcomeState.Expired || row.Attempts > 1)
            {
                (FailedAt, Cause) = (hop, row.Cause ?? Cause);
            }
        }
    }
}
