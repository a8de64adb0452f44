using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Topics;
using Trunkline.Server.Configuration;
using Trunkline.Server.Configuration.Grammar;
using Trunkline.Server.Flows.Delays;
using Trunkline.Server.Outcomes;

namespace Trunkline.Server.Flows;

/// <summary>Creates the topics of a project: the users' own, and those its flows bring with them.</summary>
internal sealed class FlowTopics(IBroker broker)
{
    // Sources that are no topic take messages up to this; the dead letters of their flows must hold them.
    private const int OtherSourceBytesMax = 64 * 1024 * 1024;

    /// <summary>
    /// Creates or alters what the project needs. Throws <see cref="BrokerErrorCode.TopicConflict"/> where a user's topic exists with
    /// other partitions or compaction; what was created before stays and does no harm.
    /// </summary>
    public async Task CreateAsync(ProjectConfig project, CancellationToken cancellationToken)
    {
        foreach (var topic in project.Topics.Values)
        {
            await EnsureAsync(topic.Settings, cancellationToken);
        }

        foreach (var topic in project.Topics.Values.Where(topic => topic is { Subject: not null, Contract: ContractPolicy.DeadLetter }))
        {
            await EnsureOwnAsync(topic.Settings with
            {
                Name = Names.DeadTopic(topic.Settings.Name),
                MessageBytesMax = Grown(topic.Settings.MessageBytesMax, DeadLetter.HeaderBytesMax),
                RetentionAge = null,
                RetentionBytes = null,
                Compacted = false,
            }, cancellationToken);
        }

        foreach (var flow in project.Flows.Values)
        {
            await CreateForFlowAsync(flow, cancellationToken);
            if (!project.Topics.ContainsKey(FlowNames.Dead(flow.Name)))
            {
                await KeepAsync(FlowNames.Dead(flow.Name), new RetentionConfig(flow.DeadRetention, null), cancellationToken);
            }
        }
    }

    /// <summary>Lets a topic of the flow's own keep so much.</summary>
    private async Task KeepAsync(string topic, RetentionConfig keep, CancellationToken cancellationToken)
    {
        var settings = (await broker.DescribeTopicAsync(topic, cancellationToken)).Settings;
        if (settings.RetentionAge != keep.Age || settings.RetentionBytes != keep.Bytes)
        {
            await broker.AlterTopicAsync(settings with { RetentionAge = keep.Age, RetentionBytes = keep.Bytes }, cancellationToken);
        }
    }

    private async Task EnsureParkedAsync(TopicSettings settings, CancellationToken cancellationToken)
    {
        await EnsureOwnAsync(settings, cancellationToken);
        await ParkedTopic.GuardAsync(broker, settings.Name, cancellationToken);
    }

    /// <summary>The largest message a topic takes, in bytes.</summary>
    public async Task<int> MessageBytesMaxAsync(string topic, CancellationToken cancellationToken) =>
        (await broker.DescribeTopicAsync(topic, cancellationToken)).Settings.MessageBytesMax;

    private async Task CreateForFlowAsync(FlowConfig flow, CancellationToken cancellationToken)
    {
        var (partitions, bytesMax) = (1, OtherSourceBytesMax);
        if (flow.From is TopicSourceConfig source)
        {
            var description = await broker.DescribeTopicAsync(source.Topic, cancellationToken);
            (partitions, bytesMax) = (description.Partitions.Count, description.Settings.MessageBytesMax);
        }

        // A sink's dead letter starts from the outbox, whose messages are larger by what the steps added.
        var outboxMax = Grown(bytesMax, 16 * 1024 * 1024);
        await EnsureOwnAsync(new TopicSettings
        {
            Name = FlowNames.Dead(flow.Name),
            Partitions = partitions,
            MessageBytesMax = Grown(outboxMax, DeadLetter.HeaderBytesMax),
            DedupeWindow = TimeSpan.Zero,
        }, cancellationToken);
        await EnsureOwnAsync(new TopicSettings
        {
            Name = FlowNames.Effects(flow.Name),
            Partitions = partitions,
            MessageBytesMax = EffectRecord.BytesMax * 2,
            DedupeWindow = TimeSpan.Zero,
        }, cancellationToken);
        await KeepAsync(FlowNames.Effects(flow.Name), flow.Keep.Effects, cancellationToken);
        await EnsureParkedAsync(new TopicSettings
        {
            Name = FlowNames.Parked(flow.Name),
            Partitions = partitions,
            MessageBytesMax = Grown(bytesMax, DeadLetter.HeaderBytesMax),
            DedupeWindow = TimeSpan.Zero,
        }, cancellationToken);
        await EnsureOwnAsync(OutcomeTopics.SettingsOf(flow.Name), cancellationToken);
        await KeepAsync(OutcomeTopics.Of(flow.Name), flow.Keep.Outcomes, cancellationToken);
        foreach (var sink in flow.Branches.SelectMany(b => b.To).OfType<OutboxSinkConfig>())
        {
            await EnsureOwnAsync(new TopicSettings
            {
                Name = FlowNames.Outbox(flow.Name, sink.Name),
                Partitions = partitions,
                MessageBytesMax = outboxMax,
                DedupeWindow = TimeSpan.Zero,
            }, cancellationToken);
            await KeepAsync(FlowNames.Outbox(flow.Name, sink.Name), flow.Keep.Sent, cancellationToken);
            await EnsureParkedAsync(new TopicSettings
            {
                Name = FlowNames.ParkedAtSink(flow.Name, sink.Name),
                Partitions = partitions,
                MessageBytesMax = Grown(outboxMax, DeadLetter.HeaderBytesMax),
                DedupeWindow = TimeSpan.Zero,
            }, cancellationToken);
        }
    }

    private async Task EnsureAsync(TopicSettings settings, CancellationToken cancellationToken)
    {
        try
        {
            await broker.CreateTopicAsync(settings, cancellationToken);
        }
        catch (BrokerException conflict) when (conflict.Code == BrokerErrorCode.TopicConflict)
        {
            // What may change is changed; what may not is refused by the broker.
            await broker.AlterTopicAsync(settings, cancellationToken);
        }
    }

    private async Task EnsureOwnAsync(TopicSettings settings, CancellationToken cancellationToken)
    {
        try
        {
            await broker.CreateTopicAsync(settings, cancellationToken);
        }
        catch (BrokerException conflict) when (conflict.Code == BrokerErrorCode.TopicConflict)
        {
            // It exists from an earlier revision, or the project names it itself: it serves as it is.
        }
    }

    private static int Grown(int bytes, int by) => (int)Math.Min((long)bytes + by, int.MaxValue);
}
