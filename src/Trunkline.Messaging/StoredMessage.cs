namespace Trunkline.Messaging;

/// <summary>A message as a topic holds it.</summary>
/// <param name="Message">What was published.</param>
/// <param name="Position">Where it stands.</param>
/// <param name="AppendedAt">The node's time at the append; never decreasing in a partition.</param>
public sealed record StoredMessage(Message Message, Position Position, DateTimeOffset AppendedAt);
