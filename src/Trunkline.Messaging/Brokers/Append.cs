namespace Trunkline.Messaging.Brokers;

/// <summary>How duplicates of an append are recognised.</summary>
public enum DedupeMode
{
    /// <summary>Not at all. Used inside atomic units, where a repeat cannot happen.</summary>
    None,

    /// <summary>By (<see cref="Message.Source"/>, <see cref="Message.Id"/>) within the topic's window.</summary>
    ById,

    /// <summary>By <see cref="ProducerSequence"/>.</summary>
    BySequence,
}

/// <summary>
/// Idempotent producer, as Kafka's: per (producer, partition) the sequence of each message is one above the last.
/// The last five batches are remembered; a repeat of one answers with its first positions, a gap or an older epoch is refused.
/// </summary>
/// <param name="Producer">The producer's stable name.</param>
/// <param name="Epoch">Rises with each incarnation; a higher one fences the lower.</param>
/// <param name="FirstSequence">Sequence of the first message of this append.</param>
public sealed record ProducerSequence(string Producer, int Epoch, long FirstSequence);

/// <summary>Messages for one topic.</summary>
public sealed record TopicAppend
{
    /// <summary>The topic; must exist.</summary>
    public required string Topic { get; init; }

    /// <summary>
    /// The messages, in order. The partition is murmur2(key) modulo partitions; messages without key go round robin,
    /// all of one append to the same partition.
    /// </summary>
    public required IReadOnlyList<Message> Messages { get; init; }

    /// <summary>Puts all messages into this partition instead; required for <see cref="DedupeMode.BySequence"/>.</summary>
    public int? Partition { get; init; }

    /// <summary>How duplicates are recognised. Default: not.</summary>
    public DedupeMode Dedupe { get; init; }

    /// <summary>Only for <see cref="DedupeMode.BySequence"/>.</summary>
    public ProducerSequence? Sequence { get; init; }
}

/// <summary>Where a message came to stand.</summary>
/// <param name="Position">Its position, or that of the first copy if it is a duplicate.</param>
/// <param name="Duplicate">True if it was there already and nothing was stored.</param>
public readonly record struct Appended(Position Position, bool Duplicate);
