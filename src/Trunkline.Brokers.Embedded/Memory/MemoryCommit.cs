using Trunkline.Brokers.Embedded.Groups;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Brokers.Embedded.Memory;

/// <summary>Commits a unit: first everything that can refuse it is checked, then it is applied, which cannot fail. Hence all or nothing.</summary>
internal sealed class MemoryCommit(MemoryContents contents, MemoryBrokerOptions options)
{
    public CommitResult Commit(CommitUnit unit, DateTimeOffset now)
    {
        CheckFence(unit);
        CheckPositions(unit);
        CheckAppends(unit.Appends);
        CheckRoom(unit);

        var appended = unit.Appends.Select(a => (IReadOnlyList<Appended>)(a.Messages.Count == 0 ? [] : contents.Topic(a.Topic).Append(a, now))).ToList();
        foreach (var update in unit.Positions)
        {
            contents.Group(update.Topic, unit.Fence!.Group).Commit(update.Partition, update.Progress);
        }

        foreach (var write in unit.State)
        {
            contents.State.Write(write);
        }

        foreach (var topic in unit.Appends.Select(a => a.Topic).Distinct())
        {
            contents.Members.Wake(topic);
        }

        return new CommitResult(appended);
    }

    private void CheckFence(CommitUnit unit)
    {
        if (unit.Positions.Count > 0 && unit.Fence is null)
        {
            throw new BrokerException(BrokerErrorCode.Fenced, "A commit of positions needs the token of the member that owns them.");
        }

        foreach (var update in unit.Positions)
        {
            contents.Partition(update.Topic, update.Partition);
            if (!contents.Members.Owns(unit.Fence!, update.Topic, update.Partition))
            {
                throw new BrokerException(BrokerErrorCode.Fenced,
                    $"Member {unit.Fence!.Member} of group {unit.Fence.Group} does not own {update.Topic}/{update.Partition} in term {unit.Fence.Epoch} any more.");
            }
        }
    }

    private void CheckPositions(CommitUnit unit)
    {
        var seen = new HashSet<(string, int)>();
        foreach (var update in unit.Positions)
        {
            if (!seen.Add((update.Topic, update.Partition)))
            {
                throw new BrokerException(BrokerErrorCode.PositionInvalid, $"A unit moves {update.Topic}/{update.Partition} twice.");
            }

            var committed = contents.Group(update.Topic, unit.Fence!.Group).Committed(update.Partition);
            ProgressRules.Check(update, committed, contents.Partition(update.Topic, update.Partition).High);
        }
    }

    private void CheckAppends(IReadOnlyList<TopicAppend> appends)
    {
        // Sequences within one unit count on: later appends are checked against what the earlier ones will leave.
        var producers = new Dictionary<(string Topic, string Producer, int Partition), ProducerState>();
        foreach (var append in appends)
        {
            var topic = contents.Topic(append.Topic);
            if (append.Partition is { } partition)
            {
                contents.Partition(append.Topic, partition);
            }

            foreach (var message in append.Messages)
            {
                CheckMessage(topic, message);
            }

            if (append.Dedupe == DedupeMode.BySequence && append.Messages.Count > 0)
            {
                CheckSequence(topic, append, producers);
            }
        }
    }

    private static void CheckMessage(MemoryTopic topic, Message message)
    {
        if (string.IsNullOrEmpty(message.Id.Value) || message.Id.Value.Length > MessageId.MaxLength)
        {
            throw new ArgumentException($"A message for topic {topic.Settings.Name} has an id that is empty or longer than {MessageId.MaxLength}.");
        }

        if (MemorySize.Of(message) > topic.Settings.MessageBytesMax)
        {
            throw new BrokerException(BrokerErrorCode.MessageTooLarge,
                $"A message has {MemorySize.Of(message)} bytes; topic {topic.Settings.Name} takes {topic.Settings.MessageBytesMax}.");
        }
    }

    private static void CheckSequence(
        MemoryTopic topic, TopicAppend append, Dictionary<(string Topic, string Producer, int Partition), ProducerState> producers)
    {
        if (append.Sequence is not { } sequence || append.Partition is not { } partition)
        {
            throw new ArgumentException($"An append to {append.Topic} by sequence must name its sequence and its partition.");
        }

        var key = (append.Topic, sequence.Producer, partition);
        var state = producers.GetValueOrDefault(key) ?? topic.Producers.GetValueOrDefault((sequence.Producer, partition));
        if (ProducerState.FindRepeat(state, sequence, append.Messages.Count) is null)
        {
            producers[key] = ProducerState.After(state, sequence, new ProducerBatch(sequence.FirstSequence, append.Messages.Count, 0));
        }
    }

    private void CheckRoom(CommitUnit unit)
    {
        var asked = unit.State.Sum(MemoryState.SizeOf)
            + unit.Appends.SelectMany(a => a.Messages).Sum(m => MemorySize.Of(m) + (2 * MemorySize.Entry));
        if (asked > 0 && contents.Bytes + asked > options.BytesMax)
        {
            throw new BrokerException(BrokerErrorCode.Overloaded, FormattableString.Invariant(
                $"The memory broker holds {contents.Bytes} of {options.BytesMax} bytes and {asked} more were asked for; give its topics a retention, or use the embedded broker."));
        }
    }
}
