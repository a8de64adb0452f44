using System.Numerics;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Consuming;
using Trunkline.Messaging.Topics;
using Xunit;

namespace Trunkline.Testing.Conformance;

/// <summary>
/// What a broker must refuse if it does not declare a capability. Atomic commit, sync durability and persistence are not here:
/// no call asks for them, they say how much a call that always works is worth.
/// </summary>
internal static class UndeclaredCapability
{
    private static readonly Dictionary<BrokerCapabilities, Func<BrokerStand, string, Task>> Probes = new()
    {
        [BrokerCapabilities.CompletedAbove] = CommitAboveAsync,
        [BrokerCapabilities.DedupeById] = (stand, topic) => stand.AppendAsync(new TopicAppend { Topic = topic, Messages = [new Message()], Dedupe = DedupeMode.ById }),
        [BrokerCapabilities.DedupeBySequence] = (stand, topic) => stand.AppendAsync(new TopicAppend
        {
            Topic = topic,
            Messages = [new Message()],
            Partition = 0,
            Dedupe = DedupeMode.BySequence,
            Sequence = new ProducerSequence("p", 0, 0),
        }),
        [BrokerCapabilities.SeekByTime] = (stand, topic) => stand.Broker.OffsetAtAsync(topic, 0, stand.Clock.GetUtcNow(), stand.Stop).AsTask(),
        [BrokerCapabilities.BinaryHeaders] = (stand, topic) => stand.AppendAsync(topic, new Message { Headers = Headers.Of(new Header("b", new byte[] { 0, 255 })) }),
        [BrokerCapabilities.State] = (stand, _) => stand.Broker.CommitAsync(
            new CommitUnit { State = [new StateWrite("s", 0, new byte[] { 1 }, new byte[] { 1 })] }, stand.Stop).AsTask(),
        [BrokerCapabilities.Retention] = (stand, _) => stand.Broker.ApplyRetentionAsync(false, stand.Stop).AsTask(),
        [BrokerCapabilities.Compaction] = (stand, topic) => stand.Broker.CreateTopicAsync(
            new TopicSettings { Name = $"{topic}.compacted", Compacted = true }, stand.Stop).AsTask(),
        [BrokerCapabilities.Erasure] = (stand, topic) => stand.Broker.EraseAsync(topic, [new ErasedMessage(new Position(0, 0))], stand.Stop).AsTask(),
    };

    /// <summary>Demands <see cref="BrokerErrorCode.NotSupported"/> for each of the capabilities.</summary>
    public static async Task DemandRefusedAsync(BrokerStand stand, BrokerCapabilities missing)
    {
        for (var rest = (uint)missing; rest != 0; rest &= rest - 1)
        {
            if (Probes.TryGetValue((BrokerCapabilities)(1u << BitOperations.TrailingZeroCount(rest)), out var probe))
            {
                var topic = await stand.CreateTopicAsync(1);
                var refused = await Assert.ThrowsAsync<BrokerException>(() => probe(stand, topic));
                Assert.Equal(BrokerErrorCode.NotSupported, refused.Code);
            }
        }
    }

    private static async Task CommitAboveAsync(BrokerStand stand, string topic)
    {
        await stand.AppendAsync(topic, new Message(), new Message(), new Message());
        await using var member = await stand.SubscribeAsync(topic, "g");
        await stand.NextAsync<SubscriptionEvent.Assigned>(member);
        await stand.Broker.CommitAsync(
            new CommitUnit { Fence = member.Fence, Positions = [new PositionUpdate(topic, 0, new Progress(0, [new OffsetRange(1, 2)]))] }, stand.Stop);
    }
}
