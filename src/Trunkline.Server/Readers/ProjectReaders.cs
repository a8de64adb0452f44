using Trunkline.Server.Configuration;

namespace Trunkline.Server.Readers;

/// <summary>Who reads the topics of a project, as far as the project tells.</summary>
internal static class ProjectReaders
{
    /// <summary>Flows, and consumers that topics list, by topic and name.</summary>
    public static IReadOnlyList<Reader> Of(ProjectConfig project) =>
    [
        .. project.Topics.Values.SelectMany(topic => topic.Readers.Select(reader => new Reader(topic.Settings.Name, ReaderKind.Group, reader.Name)
        {
            Fields = reader.Fields,
            Owner = reader.Owner,
            Version = reader.Version,
            Origin = ReaderOrigin.Project,
            Where = reader.Where,
        })).Concat(project.Flows.Values.Select(FlowReads.Of).OfType<Reader>())
            .OrderBy(reader => reader.Topic, StringComparer.Ordinal).ThenBy(reader => reader.Kind).ThenBy(reader => reader.Name, StringComparer.Ordinal),
    ];
}
