using Trunkline.Core.Security;
using Trunkline.Server.Schemas.Registry;

namespace Trunkline.Server.Api.Registry;

/// <summary>Subjects and their versions: list, register, look up, delete.</summary>
internal static class SubjectRoutes
{
    public static void Map(RouteGroupBuilder group)
    {
        group.Get("/subjects", Scopes.Read, List);
        group.Get("/subjects/{subject}/versions", Scopes.Read, Numbers);
        group.Store((HttpMethods.Post, "/subjects/{subject}/versions"), Scopes.Publish, "register-schema", RegisterAsync);
        group.Ask("/subjects/{subject}", LookUpAsync);
        group.Store((HttpMethods.Delete, "/subjects/{subject}"), Scopes.Operate, "delete-schema", DeleteAllAsync);
        group.Get("/subjects/{subject}/versions/{version}", Scopes.Read, Show);
        group.Store((HttpMethods.Delete, "/subjects/{subject}/versions/{version}"), Scopes.Operate, "delete-schema", DeleteAsync);
        group.Get("/subjects/{subject}/versions/{version}/schema", Scopes.Read, Text);
        group.Get("/subjects/{subject}/versions/{version}/referencedby", Scopes.Read, ReferencedBy);
        group.Get("/subjects/{subject}/metadata", Scopes.Read, ByMetadata);
    }

    private static IResult List(RegistryRequest request)
    {
        var prefix = request.Query("subjectPrefix") ?? (request.Context is { } context ? $":{SubjectName.In(context, "").Context}:" : ":*:");
        var subjects = request.View.Subjects
            .Where(subject => prefix == ":*:" || (prefix.StartsWith(":*:", StringComparison.Ordinal)
                ? SubjectName.Parse(subject).Subject.StartsWith(prefix[3..], StringComparison.Ordinal)
                : subject.StartsWith(prefix, StringComparison.Ordinal)))
            .Where(subject => request.View.Versions(SubjectName.Parse(subject)) is var all
                && all.Any(request.Shows) && (!request.Flag("deletedOnly") || all.All(one => one.State != VersionState.Live)))
            .Order(StringComparer.Ordinal);
        return RegistryAnswers.Texts(request.Page(subjects));
    }

    private static IResult Numbers(RegistryRequest request) => RegistryAnswers.Numbers(request.Page(request.Versions().Select(one => one.Version)));

    private static IResult Show(RegistryRequest request)
    {
        var version = request.Version();
        return RegistryAnswers.Json(writer => RegistryAnswers.WriteVersion(writer, version, request.Text(version)));
    }

    private static IResult Text(RegistryRequest request)
    {
        var version = request.Version();
        return RegistryAnswers.Raw(request.Text(version));
    }

    private static IResult ReferencedBy(RegistryRequest request)
    {
        var version = request.Version();
        return RegistryAnswers.Numbers(request.Page(request.View.ReferringTo(request.Subject, version.Version).Where(request.Shows).Select(one => one.Id).Distinct().Order()));
    }

    private static IResult ByMetadata(RegistryRequest request)
    {
        var wanted = request.Values("key").Zip(request.Values("value")).ToList();
        var version = request.Versions().LastOrDefault(one => wanted.TrueForAll(pair => SchemaCompatibility.Property(one.Content!, pair.First ?? "") == pair.Second));
        return version is null ? throw RegistryRefusal.NoSchema("with this metadata") : RegistryAnswers.Json(writer => RegistryAnswers.WriteVersion(writer, version, request.Text(version)));
    }

    private static async Task<IResult> RegisterAsync(RegistryRequest request)
    {
        if (!request.Subject.IsValid)
        {
            throw new RegistryRefusal(42208, "The specified subject is not a valid name: 1 to 1024 characters without control characters");
        }

        var body = await request.BodyAsync();
        var wanted = new Registration(request.Content(body), RegistryRequest.Number(body, "id"), RegistryRequest.Number(body, "version"));
        var known = request.View.Versions(request.Subject).Select(one => one.Version).ToList();
        var version = await request.Registry.RegisterAsync(request.Subject, wanted, request.Aborted);

        // Serializers register at every start what is there already.
        request.Stored = known.Contains(version.Version) ? null : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"version {version.Version}, id {version.Id}");
        return RegistryAnswers.Object(writer =>
        {
            writer.WriteNumber("id", version.Id);
            writer.WriteNumber("version", version.Version);
            writer.WriteString("guid", version.Content!.Guid().ToString("D", System.Globalization.CultureInfo.InvariantCulture));
            RegistryAnswers.WriteSchema(writer, version.Content, request.Text(version));
        });
    }

    private static async Task<IResult> LookUpAsync(RegistryRequest request)
    {
        var body = await request.BodyAsync();
        var versions = request.Versions();
        var content = request.Registry.Resolve(request.Subject, request.Content(body));
        var id = request.View.IdOf(request.Subject.Context, content);
        var version = versions.LastOrDefault(one => one.Id == id)
            ?? (request.Normalizes ? versions.LastOrDefault(one => one.Content!.Type == content.Type && request.Normal(one) == content.Text) : null)
            ?? throw new RegistryRefusal(40403, "Schema not found");
        return RegistryAnswers.Json(writer => RegistryAnswers.WriteVersion(writer, version, request.Text(version)));
    }

    private static async Task<IResult> DeleteAllAsync(RegistryRequest request)
    {
        var subject = request.Subject;
        var permanent = request.Flag("permanent");
        var marked = await request.Registry.MarkAsync(
            () =>
            {
                RefuseWrites(request);
                var versions = request.View.Versions(subject).Where(one => one.State != VersionState.Gone).ToList();
                var live = versions.Where(one => one.State == VersionState.Live).ToList();
                if (versions.Count == 0)
                {
                    throw RegistryRefusal.NoSubject(subject.ToString());
                }

                if (permanent && live.Count > 0)
                {
                    throw new RegistryRefusal(40405, $"Subject '{subject}' was not deleted first before being permanently deleted");
                }

                if (!permanent && live.Count == 0)
                {
                    throw new RegistryRefusal(40404, $"Subject '{subject}' was soft deleted. Set permanent=true to delete permanently");
                }

                return Mark(request, permanent ? versions : live, permanent);
            },
            request.Aborted);
        request.Stored = Deleted(marked, permanent);
        return RegistryAnswers.Numbers(marked.Select(one => one.Version));
    }

    private static async Task<IResult> DeleteAsync(RegistryRequest request)
    {
        var subject = request.Subject;
        var permanent = request.Flag("permanent");
        var marked = await request.Registry.MarkAsync(
            () =>
            {
                RefuseWrites(request);
                var all = request.View.Versions(subject).Where(one => one.State != VersionState.Gone).ToList();
                var live = all.Where(one => one.State == VersionState.Live).ToList();
                if (all.Count == 0)
                {
                    throw RegistryRefusal.NoSubject(subject.ToString());
                }

                var version = request.Pick(request.Route("version") is "latest" or "-1" && live.Count > 0 ? live : all);
                if (permanent != (version.State == VersionState.Deleted))
                {
                    throw permanent
                        ? new RegistryRefusal(40407, $"Subject '{subject}' Version {version.Version} was not deleted first before being permanently deleted")
                        : new RegistryRefusal(40406, $"Subject '{subject}' Version {version.Version} was soft deleted. Set permanent=true to delete permanently");
                }

                return Mark(request, [version], permanent);
            },
            request.Aborted);
        request.Stored = Deleted(marked, permanent);
        return RegistryAnswers.Json(writer => writer.WriteNumberValue(marked[0].Version));
    }

    private static string Deleted(IReadOnlyList<SchemaVersion> versions, bool permanent) =>
        $"version {string.Join(", ", versions.Select(one => one.Version))}{(permanent ? ", for ever" : "")}";

    private static IReadOnlyList<SchemaVersion> Mark(RegistryRequest request, IReadOnlyList<SchemaVersion> versions, bool permanent)
    {
        foreach (var version in versions)
        {
            if (request.View.ReferringTo(request.Subject, version.Version).Any(one => permanent || one.State == VersionState.Live))
            {
                throw new RegistryRefusal(42206, $"One or more references exist to the schema {{subject={version.Subject},version={version.Version}}}.");
            }
        }

        return [.. versions.Select(one => permanent ? one with { State = VersionState.Gone, Content = null } : one with { State = VersionState.Deleted })];
    }

    private static void RefuseWrites(RegistryRequest request)
    {
        if (request.Registry.Settings.Mode(request.Subject) == "READONLY")
        {
            throw new RegistryRefusal(42205, $"Subject {request.Subject} is in read-only mode");
        }
    }
}
