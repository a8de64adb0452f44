using Trunkline.Messaging.Brokers;

namespace Trunkline.Server.Flows.Delays;

/// <summary>
/// A topic in which messages wait is trimmed up to the position of a group, which the flow moves. The position is there before the
/// retention, so that nothing that waits is ever without its guard.
/// </summary>
internal static class ParkedTopic
{
    /// <summary>What waits no more is kept this long.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromMinutes(1);

    /// <summary>Puts the guard and the retention in place. Done again it changes nothing.</summary>
    public static async Task GuardAsync(IBroker broker, string topic, CancellationToken cancellationToken)
    {
        if (!broker.Capabilities.HasFlag(BrokerCapabilities.Retention))
        {
            return;
        }

        var groups = await broker.DescribeGroupsAsync(topic, cancellationToken);
        if (groups.All(g => g.Group != FlowNames.ParkedGroup || g.Partitions.Any(p => p.Next is null)))
        {
            // A group is one by its members or its position: it has a member until it has a position.
            var options = new SubscribeOptions { Topic = topic, Group = FlowNames.ParkedGroup };
            await using var member = await broker.SubscribeAsync(options, cancellationToken);
            await broker.SeekAsync(topic, FlowNames.ParkedGroup, new SeekTarget.Earliest(), cancellationToken);
        }

        var settings = (await broker.DescribeTopicAsync(topic, cancellationToken)).Settings;
        if (settings.RetentionAge != Retention)
        {
            await broker.AlterTopicAsync(settings with { RetentionAge = Retention }, cancellationToken);
        }
    }
}
