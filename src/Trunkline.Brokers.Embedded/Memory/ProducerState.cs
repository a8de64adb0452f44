using System.Collections.Immutable;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Brokers.Embedded.Memory;

/// <summary>
/// What is remembered of one producer in one partition: its epoch and its last five batches. As in Kafka's ProducerStateManager,
/// except that the first sequence of an epoch may be any, so that a connector can count by its source's own numbers.
/// </summary>
internal sealed record ProducerState(int Epoch, ImmutableList<ProducerBatch> Batches)
{
    private const int BatchesMax = 5;

    /// <summary>
    /// The batch's earlier copy if it is a repeat, else null; refuses an older epoch and a gap. A repeat is a batch with the
    /// same first sequence and the same number of messages.
    /// </summary>
    public static ProducerBatch? FindRepeat(ProducerState? state, ProducerSequence sequence, int count)
    {
        if (state is null || sequence.Epoch > state.Epoch)
        {
            return null;
        }

        if (sequence.Epoch < state.Epoch)
        {
            throw new BrokerException(BrokerErrorCode.Fenced, $"Producer {sequence.Producer} has epoch {sequence.Epoch}, but epoch {state.Epoch} has begun.");
        }

        var repeat = state.Batches.Find(b => b.FirstSequence == sequence.FirstSequence && b.Count == count);
        var expected = state.Batches[^1].FirstSequence + state.Batches[^1].Count;
        return repeat is not null || sequence.FirstSequence == expected
            ? repeat
            : throw new BrokerException(BrokerErrorCode.SequenceGap,
                $"Producer {sequence.Producer} sent sequence {sequence.FirstSequence}, expected {expected} or a repeat of one of its last {BatchesMax} batches.");
    }

    /// <summary>The state after a new batch.</summary>
    public static ProducerState After(ProducerState? state, ProducerSequence sequence, ProducerBatch batch)
    {
        var batches = state is null || state.Epoch < sequence.Epoch ? [] : state.Batches;
        return new ProducerState(sequence.Epoch, (batches.Count == BatchesMax ? batches.RemoveAt(0) : batches).Add(batch));
    }
}

/// <summary>A batch a producer sent: its sequences, and where its first message stands.</summary>
internal sealed record ProducerBatch(long FirstSequence, int Count, long FirstOffset);
