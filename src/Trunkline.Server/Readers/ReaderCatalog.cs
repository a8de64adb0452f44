using Trunkline.Client.Api;
using Trunkline.Core.Config;
using Trunkline.Server.Configuration;
using Trunkline.Server.Releases;
using Trunkline.Server.Schemas.Fields;
using Trunkline.Server.Schemas.Registry;

namespace Trunkline.Server.Readers;

/// <summary>Everybody who reads a topic of this node, and what a schema would do to them. Thread-safe.</summary>
/// <param name="project">The project in force.</param>
/// <param name="book">What groups said.</param>
/// <param name="schemas">The registry.</param>
/// <param name="changes">Where deployments are told.</param>
internal sealed class ReaderCatalog(Func<ProjectConfig> project, ReaderBook book, SchemaRegistry schemas, ChangeLog changes)
{
    /// <summary>Readers that fit, by topic, kind and name. What a group said itself counts before what the project says of it.</summary>
    public async Task<IReadOnlyList<ReaderView>> ViewsAsync(Func<Reader, bool> fits, CancellationToken cancellationToken)
    {
        var (now, records) = (project(), await ContractRecords.ReadAsync(changes, cancellationToken));
        return [.. Readers(now).Where(fits).Select(reader => View(reader, now, records))];
    }

    /// <summary>See <see cref="ReaderBook.DeclareAsync"/>; what is new of it is a change.</summary>
    public async Task<ReaderView?> DeclareAsync(string who, (string Topic, string Group) of, ReaderEntry said, CancellationToken cancellationToken)
    {
        var isNew = !book.Has(of.Topic, of.Group, said);
        if (await book.DeclareAsync(of.Topic, of.Group, said, cancellationToken) is not { } reader)
        {
            return null;
        }

        if (isNew)
        {
            var change = changes.Entry(who, "declare-reader", $"group {of.Group} of topic {of.Topic}", (null, said.Version), CountText.Of(said.Fields.Count, "field"));
            await changes.WriteAsync(change, CancellationToken.None);
        }

        return View(reader, project(), await ContractRecords.ReadAsync(changes, cancellationToken));
    }

    /// <summary>What a schema would do to those who read messages of a subject; with null, only who they are.</summary>
    /// <exception cref="RegistryRefusal">The schema or a reference is faulty.</exception>
    public async Task<ImpactView> ImpactAsync(SubjectName subject, SchemaContent? content, CancellationToken cancellationToken)
    {
        var (now, records) = (project(), await ContractRecords.ReadAsync(changes, cancellationToken));
        var topics = now.Topics.Values.Where(topic => topic.Subject is { } name && SubjectName.Parse(name) == subject).Select(topic => topic.Settings.Name).Order(StringComparer.Ordinal).ToList();
        var readers = Readers(now).Where(reader => topics.Contains(reader.Topic)).ToList();
        var newest = schemas.View.Versions(subject).LastOrDefault(version => version.State == VersionState.Live);
        var view = new ImpactView
        {
            Subject = subject.ToString(),
            Version = newest?.Version,
            Topics = topics,
            Readers = [.. readers.Select(reader => View(reader, now, records))],
            Breaks = [],
        };
        if (content is null)
        {
            return view;
        }

        content = schemas.Resolve(subject, content);
        var before = newest is null ? null : SchemaFields.Of(newest.Content!, schemas.View.Resolve(subject.Context, newest.Content!));
        var breaks = SchemaFields.Of(content, schemas.View.Resolve(subject.Context, content)) is { } after ? Impact.Of(before, after, readers) : [];
        return view with
        {
            Incompatible = SchemaCompatibility.Check(schemas.Settings, schemas.View, subject, content),
            Breaks = [.. breaks.Select(one => new BreakView(View(one.Reader, now, records), one.Field, Word(one.Kind), one.Reason)
            {
                Approved = (one.Reader.Owner ?? now.Topics.GetValueOrDefault(one.Reader.Topic)?.Owner) is { } owner && records.IsApproved(view.Subject, content.Text, owner),
            })],
        };
    }

    /// <summary>Keeps that an owner approves a schema; null if the project has no such owner.</summary>
    public async Task<Change?> ApproveAsync(string who, ApproveSchemaRequest approval, CancellationToken cancellationToken)
    {
        if (!project().Owners.ContainsKey(approval.Owner))
        {
            return null;
        }

        var change = changes.Entry(who, ContractRecords.ApprovalDeed, ContractRecords.TargetOf(approval.Subject, approval.Schema), (null, approval.Owner), approval.Reason);
        await changes.WriteAsync(change, cancellationToken);
        return change;
    }

    /// <summary>Refuses a schema that breaks readers whose owners have not approved it, where the project's policies ask for that.</summary>
    /// <exception cref="RegistryRefusal">Somebody has not.</exception>
    public async Task HoldAsync(SubjectName subject, SchemaContent content, CancellationToken cancellationToken)
    {
        if (!project().Policies.Breaking)
        {
            return;
        }

        var impact = await ImpactAsync(subject, content, cancellationToken);
        if (impact.Breaks.Where(one => !one.Approved).ToList() is { Count: > 0 } open)
        {
            var told = open.Take(10).Select(one => $"{one.Reader.Kind} {one.Reader.Name} (owner {one.Reader.Owner ?? "not named"}): {one.Reason}");
            throw new RegistryRefusal(40901, $"The schema breaks readers of subject \"{subject}\" whose owners have not approved it: {string.Join("; ", told)}. See: trunkline contracts approve");
        }
    }

    /// <summary>How a break is called outside.</summary>
    public static string Word(BreakKind kind) => kind switch
    {
        BreakKind.Removed => "removed",
        BreakKind.Retyped => "retyped",
        BreakKind.MayBeMissing => "may-be-missing",
        _ => "not-promised",
    };

    private IEnumerable<Reader> Readers(ProjectConfig now)
    {
        var told = book.All.ToDictionary(reader => (reader.Topic, reader.Name));
        return ProjectReaders.Of(now).Where(reader => reader.Kind == ReaderKind.Flow || !told.ContainsKey((reader.Topic, reader.Name))).Concat(told.Values)
            .OrderBy(reader => reader.Topic, StringComparer.Ordinal).ThenBy(reader => reader.Kind).ThenBy(reader => reader.Name, StringComparer.Ordinal);
    }

    /// <summary>A reader as the API tells it.</summary>
    /// <param name="reader">The reader.</param>
    /// <param name="project">Where its owner is named.</param>
    /// <param name="records">Where it runs; null if that is not known.</param>
    public static ReaderView View(Reader reader, ProjectConfig project, ContractRecords? records)
    {
        var owner = reader.Owner is { } name ? project.Owners.GetValueOrDefault(name) : null;
        return new ReaderView
        {
            Topic = reader.Topic,
            Kind = reader.Kind == ReaderKind.Flow ? "flow" : "group",
            Name = reader.Name,
            Fields = reader.Fields,
            Origin = reader.Origin switch { ReaderOrigin.Learned => "learned", ReaderOrigin.Project => "project", _ => "told" },
            Version = reader.Version,
            Owner = reader.Owner,
            Contact = owner?.Email ?? owner?.Chat,
            PassesTo = reader.PassesTo,
            Deployments = [.. (records?.Of(reader.Name) ?? []).Select(one => new DeploymentView(one.Environment, one.Version, one.At))],
            DeclaredAt = reader.DeclaredAt,
        };
    }
}
