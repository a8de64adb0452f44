using Trunkline.Client.Api;
using Trunkline.Server.Configuration;
using Trunkline.Server.Readers;
using Trunkline.Server.Schemas.Fields;
using Trunkline.Server.Schemas.Formats;
using Trunkline.Server.Schemas.Registry;
using Trunkline.Server.Traffic;

namespace Trunkline.Server.Catalog;

/// <summary>Subjects of the registry as people ask about them: versions, what changed, who writes and reads.</summary>
/// <param name="registry">The schemas.</param>
/// <param name="readers">Who reads.</param>
/// <param name="traffic">Who wrote.</param>
internal sealed class SubjectCatalog(SchemaRegistry registry, ReaderCatalog readers, TrafficDesk traffic)
{
    private const int ProducersMax = 20;

    /// <summary>All subjects that have a version, by name.</summary>
    public async Task<IReadOnlyList<SubjectSummary>> ListAsync(ProjectConfig project, CancellationToken cancellationToken)
    {
        var known = (await readers.ViewsAsync(_ => true, cancellationToken)).ToLookup(reader => reader.Topic);
        var all = new List<SubjectSummary>();
        foreach (var name in registry.View.Subjects.Order(StringComparer.Ordinal).Select(SubjectName.Parse))
        {
            if (Live(name) is [.., var newest] versions)
            {
                var topics = Topics(name, project).Select(topic => topic.Settings.Name).ToList();
                all.Add(new SubjectSummary(name.ToString(), newest.Content!.Type, newest.Version, versions.Count, registry.Settings.Level(name), topics, topics.Sum(topic => known[topic].Count())));
            }
        }

        return all;
    }

    /// <summary>A subject with what changed between two versions; null if there is no such subject or version.</summary>
    public async Task<SubjectView?> FindAsync(string subject, (int? From, int? To) compared, ProjectConfig project, CancellationToken cancellationToken)
    {
        var name = SubjectName.Parse(subject);
        var versions = name.IsValid ? Live(name) : [];
        var newer = compared.To is { } to ? versions.FirstOrDefault(version => version.Version == to) : versions.LastOrDefault();
        var older = newer is null ? null
            : compared.From is { } from ? versions.FirstOrDefault(version => version.Version == from)
            : versions.LastOrDefault(version => version.Version < newer.Version);
        if (newer is null || (older is null && compared.From is not null))
        {
            return null;
        }

        var topics = Topics(name, project).ToList();
        var names = topics.Select(topic => topic.Settings.Name).ToHashSet(StringComparer.Ordinal);
        var views = await readers.ViewsAsync(reader => names.Contains(reader.Topic), cancellationToken);
        return new SubjectView
        {
            Subject = name.ToString(),
            Level = registry.Settings.Level(name),
            Mode = registry.Settings.Mode(name),
            Versions = [.. versions.Select(version => new SubjectVersion(version.Version, version.Id, version.Content!.Type))],
            Schema = ProjectCatalog.Schema(name.ToString(), newer.Content!, registry.View.Resolve(name.Context, newer.Content!)) with { Version = newer.Version, Id = newer.Id },
            Diff = older is null ? null : Diff(name, older, newer, views),
            Topics = [.. topics.Select(topic => Topic(topic, project))],
            Readers = views,
        };
    }

    private SubjectDiff Diff(SubjectName subject, SchemaVersion older, SchemaVersion newer, IReadOnlyList<ReaderView> views)
    {
        var (before, after) = (Fields(subject, older), Fields(subject, newer));
        var changes = before.Keys.Union(after.Keys).Order(StringComparer.Ordinal).Select(path => Change(path, before.GetValueOrDefault(path), after.GetValueOrDefault(path), views)).OfType<FieldChange>();
        return new SubjectDiff(older.Version, newer.Version, [.. changes], Reasons(subject, older, newer));
    }

    /// <summary>Why a version may not follow another by the subject's level, for people; the registry's own words are made for its clients.</summary>
    private IReadOnlyList<string> Reasons(SubjectName subject, SchemaVersion older, SchemaVersion newer)
    {
        var (level, then, now) = (registry.Settings.Level(subject), older.Content!, newer.Content!);
        if (SchemaCompatibility.Check(level, registry.View, subject, now, [older]).Count == 0)
        {
            return [];
        }

        if (then.Type != now.Type)
        {
            return [$"the format was {then.Type} and is {now.Type}"];
        }

        var compare = SchemaFormats.Get(now.Type).Comparer(now.Text, registry.View.Resolve(subject.Context, now), then.Text, registry.View.Resolve(subject.Context, then));
        return [.. Told(true, "BACKWARD", newer.Version), .. Told(false, "FORWARD", older.Version)];

        IEnumerable<string> Told(bool backward, string word, int reader) => level.StartsWith(word, StringComparison.Ordinal) || level.StartsWith("FULL", StringComparison.Ordinal)
            ? compare(backward).Select(one => FormattableString.Invariant($"version {reader} cannot read all that the other wrote, at {one.At}: {one.Message} ({one.Kind})"))
            : [];
    }

    private static FieldChange? Change(string path, SchemaField? was, SchemaField? now, IReadOnlyList<ReaderView> views)
    {
        var (then, becomes) = (was is null ? null : Words(was), now is null ? null : Words(now));
        return then == becomes ? null : new FieldChange(
            path.Length == 0 ? "the whole" : path,
            then is null ? "added" : becomes is null ? "removed" : "changed",
            then,
            becomes,
            [.. views.Where(reader => reader.Fields.Any(read => FieldPath.IsIn(path, read))).Select(reader => reader.Name).Distinct(StringComparer.Ordinal)]);
    }

    private static string Words(SchemaField field)
    {
        var holds = ProjectCatalog.Holds(field);
        return field.Path.Length == 0 || field.IsRequired ? holds : holds + ", sometimes missing";
    }

    private IReadOnlyDictionary<string, SchemaField> Fields(SubjectName subject, SchemaVersion version) =>
        SchemaFields.Of(version.Content!, registry.View.Resolve(subject.Context, version.Content!))?.All ?? new Dictionary<string, SchemaField>();

    private List<SchemaVersion> Live(SubjectName subject) => [.. registry.View.Versions(subject).Where(version => version is { State: VersionState.Live, Content: not null })];

    private static IEnumerable<TopicConfig> Topics(SubjectName subject, ProjectConfig project) =>
        project.Topics.Values.Where(topic => topic.Subject is { } own && SubjectName.Parse(own) == subject).OrderBy(topic => topic.Settings.Name, StringComparer.Ordinal);

    private SubjectTopic Topic(TopicConfig topic, ProjectConfig project)
    {
        var name = topic.Settings.Name;
        var writers = project.Flows.Values.Where(flow => flow.Branches.Any(branch => branch.To.Any(sink => sink is TopicSinkConfig to && to.Topic == name))).Select(flow => flow.Name);
        return new SubjectTopic(name, ProjectCatalog.Word(topic.Contract), topic.Owner, [.. writers.Order(StringComparer.Ordinal)],
            traffic.Look(name, seen => seen.Producers.Keys.Order(StringComparer.Ordinal).Take(ProducersMax).ToList()) ?? []);
    }
}
