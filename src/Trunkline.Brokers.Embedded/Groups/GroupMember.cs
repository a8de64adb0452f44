using Trunkline.Messaging.Brokers;

namespace Trunkline.Brokers.Embedded.Groups;

/// <summary>
/// One member of a group. The registry knows what it owns; <see cref="Told"/> is what its reader has been told so far.
/// The difference is what it is told next, so there is no queue of changes to bound.
/// </summary>
internal sealed class GroupMember
{
    internal GroupMember(string topic, string group, string id)
    {
        Topic = topic;
        Group = group;
        Id = id;
        Fence = new FencingToken(group, id, 0);
    }

    /// <summary>The topic it consumes.</summary>
    public string Topic { get; }

    /// <summary>Its group.</summary>
    public string Group { get; }

    /// <summary>Unique per subscription and process life, so a token of an earlier life never fits.</summary>
    public string Id { get; }

    /// <summary>The newest token its reader was told of.</summary>
    public FencingToken Fence { get; internal set; }

    /// <summary>Set when it left or its topic was deleted: why it gets nothing more.</summary>
    public BrokerErrorCode? Ended { get; internal set; }

    /// <summary>Set at every change and at every append to the topic.</summary>
    public Signal Signal { get; } = new();

    /// <summary>Partition → term the reader was told.</summary>
    internal Dictionary<int, long> Told { get; } = [];
}
