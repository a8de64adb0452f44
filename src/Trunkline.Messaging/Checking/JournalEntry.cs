using System.Text.Json.Serialization;

namespace Trunkline.Messaging.Checking;

/// <summary>
/// One line of a journal: what a generator attempted, what readers saw, what took effect, how far groups said they were.
/// A journal is NDJSON (UTF-8, one object per line, the discriminator <c>t</c> anywhere in it, unknown members ignored), kept
/// outside the system under test. The generator writes and syncs <c>attempt</c> before it sends and <c>outcome</c> after; an attempt
/// without outcome is unknown, and never counts as lost. A message is known by topic and id; what a flow must put out
/// is told by attempts of its own for the output topic. After the faults: heal, drain, then read every topic attempted once more
/// from its oldest offset, as <c>stored</c>: what was acknowledged and is not there is lost. Journals of several processes may be
/// concatenated, as long as the lines of one reader, and the deliveries and positions of one group, keep their order.
/// <code>
/// {"t":"attempt","id":"m1","topic":"in","key":"a","n":1,"hash":"9f3a…"}   n: rises with each message of the key
/// {"t":"outcome","id":"m1","topic":"in","result":"ok"}                    ok | fail (surely not stored) | unknown
/// {"t":"delivery","reader":"flow/1","group":"flow","topic":"in","partition":0,"offset":0,"id":"m1","hash":"9f3a…"}
/// {"t":"effect","name":"webhook","id":"m1"}                               after the receiver's own dedupe
/// {"t":"position","group":"flow","topic":"in","partition":0,"next":1,"at":"committed"}    start | committed | resumed
/// {"t":"stored","reader":"replay","topic":"in","partition":0,"offset":0,"id":"m1","hash":"9f3a…"}
/// </code>
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "t", UnknownDerivedTypeHandling = JsonUnknownDerivedTypeHandling.FailSerialization)]
[JsonDerivedType(typeof(Attempt), "attempt")]
[JsonDerivedType(typeof(Outcome), "outcome")]
[JsonDerivedType(typeof(Delivery), "delivery")]
[JsonDerivedType(typeof(Stored), "stored")]
[JsonDerivedType(typeof(Effect), "effect")]
[JsonDerivedType(typeof(GroupPosition), "position")]
public abstract record JournalEntry
{
    private JournalEntry()
    {
    }

    /// <summary>A message about to be sent. Sending the same id again is a retry and has the same fields.</summary>
    /// <param name="Id">Unique per message.</param>
    /// <param name="Topic">Where to.</param>
    /// <param name="Key">Its key, or null: then no order is checked.</param>
    /// <param name="N">Rises with each message of the key in the topic.</param>
    /// <param name="Hash">Of what must arrive unchanged; any text that is equal for equal content.</param>
    public sealed record Attempt(string Id, string Topic, string? Key, long N, string Hash) : JournalEntry;

    /// <summary>How an attempt ended.</summary>
    /// <param name="Id">Which message.</param>
    /// <param name="Topic">Where to.</param>
    /// <param name="Result">How.</param>
    public sealed record Outcome(string Id, string Topic, AttemptResult Result) : JournalEntry;

    /// <summary>A message a member of a group was given; again, after a failure.</summary>
    /// <param name="Reader">The member.</param>
    /// <param name="Group">Its group.</param>
    /// <param name="Topic">The topic.</param>
    /// <param name="Partition">The partition.</param>
    /// <param name="Offset">The offset.</param>
    /// <param name="Id">The message's id as seen.</param>
    /// <param name="Hash">The hash of what was seen.</param>
    public sealed record Delivery(string Reader, string Group, string Topic, int Partition, long Offset, string Id, string Hash) : JournalEntry;

    /// <summary>A message in the log at the end.</summary>
    /// <param name="Reader">Who read; each reader reads everything once.</param>
    /// <param name="Topic">The topic.</param>
    /// <param name="Partition">The partition.</param>
    /// <param name="Offset">The offset.</param>
    /// <param name="Id">The message's id.</param>
    /// <param name="Hash">The hash of what was read.</param>
    public sealed record Stored(string Reader, string Topic, int Partition, long Offset, string Id, string Hash) : JournalEntry;

    /// <summary>Something done outside for a message.</summary>
    /// <param name="Name">What: each name at most once per message.</param>
    /// <param name="Id">The message.</param>
    public sealed record Effect(string Name, string Id) : JournalEntry;

    /// <summary>How far a group is in a partition.</summary>
    /// <param name="Group">The group.</param>
    /// <param name="Topic">The topic.</param>
    /// <param name="Partition">The partition.</param>
    /// <param name="Next">The lowest offset not completed.</param>
    /// <param name="At">When.</param>
    public sealed record GroupPosition(string Group, string Topic, int Partition, long Next, PositionMoment At) : JournalEntry;
}

/// <summary>How an attempt ended, as far as the sender knows.</summary>
public enum AttemptResult
{
    /// <summary>Acknowledged.</summary>
    Ok,

    /// <summary>Surely not stored.</summary>
    Fail,

    /// <summary>Not known: either may be.</summary>
    Unknown,
}

/// <summary>When a group stood there.</summary>
public enum PositionMoment
{
    /// <summary>Where it began; without it, offset 0.</summary>
    Start,

    /// <summary>After a confirmed commit.</summary>
    Committed,

    /// <summary>Told to a member taking over.</summary>
    Resumed,
}
