namespace Trunkline.Messaging.Consuming;

/// <summary>A message handed out for a while.</summary>
/// <param name="Receipt">What to acknowledge it with.</param>
/// <param name="Stored">The message.</param>
/// <param name="DeliveryCount">1 for the first delivery; one more each time.</param>
/// <param name="LeasedUntil">When it goes to someone else unless settled or extended.</param>
public sealed record LeasedDelivery(Receipt Receipt, StoredMessage Stored, int DeliveryCount, DateTimeOffset LeasedUntil);

/// <summary>What became of a settling call, per receipt.</summary>
public enum LeaseOutcome
{
    /// <summary>It took effect.</summary>
    Done,

    /// <summary>The lease was over: settled before, run out, or the message is another member's by now. Nothing changed.</summary>
    Stale,
}
