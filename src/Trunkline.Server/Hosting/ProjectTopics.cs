using Trunkline.Messaging.Brokers;
using Trunkline.Server.Configuration;

namespace Trunkline.Server.Hosting;

/// <summary>Makes a broker hold the topics of a project.</summary>
internal static class ProjectTopics
{
    /// <summary>Creates what is missing and alters what differs.</summary>
    /// <exception cref="BrokerException"><see cref="BrokerErrorCode.TopicConflict"/> if partitions or compaction differ.</exception>
    public static async ValueTask EnsureAsync(IBroker broker, ProjectConfig project, CancellationToken cancellationToken)
    {
        var existing = (await broker.ListTopicsAsync(cancellationToken)).ToDictionary(t => t.Settings.Name, t => t.Settings, StringComparer.Ordinal);
        foreach (var topic in project.Topics.Values)
        {
            if (!existing.TryGetValue(topic.Settings.Name, out var held))
            {
                await broker.CreateTopicAsync(topic.Settings, cancellationToken);
            }
            else if (held != topic.Settings)
            {
                await broker.AlterTopicAsync(topic.Settings, cancellationToken);
            }
        }
    }
}
