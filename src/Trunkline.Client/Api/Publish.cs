using System.Text.Json.Serialization;

namespace Trunkline.Client.Api;

/// <summary>Answer of a publish: one entry per message, in the order sent.</summary>
/// <param name="Messages">Where the messages came to stand.</param>
public sealed record PublishResponse(IReadOnlyList<PublishedMessage> Messages);

/// <summary>Where one published message stands.</summary>
/// <param name="Id">Its id: the producer's, or the one the node gave.</param>
/// <param name="Partition">Partition, zero-based.</param>
/// <param name="Offset">Offset in the partition; of the first copy if it is a duplicate.</param>
/// <param name="Duplicate">True if the node had it already and stored nothing.</param>
public sealed record PublishedMessage(string Id, int Partition, long Offset, bool Duplicate)
{
    /// <summary>True if it does not fit the topic's schema and stands in the topic's dead letters instead.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool DeadLettered { get; init; }
}
