using System.Globalization;
using Trunkline.Core.Security;
using Trunkline.Server.Schemas.Formats;
using Trunkline.Server.Schemas.Registry;

namespace Trunkline.Server.Api.Registry;

/// <summary>Schemas by id and GUID, lists over all subjects, contexts, and what the registry says of itself.</summary>
internal static class SchemaRoutes
{
    public static void Map(RouteGroupBuilder group)
    {
        group.Get("/schemas", Scopes.Read, List);
        group.Get("/schemas/types", Scopes.Read, _ => RegistryAnswers.Texts(SchemaFormats.Names));
        group.Get("/schemas/ids/{id}", Scopes.Read, ById);
        group.Get("/schemas/ids/{id}/schema", Scopes.Read, TextById);
        group.Get("/schemas/ids/{id}/subjects", Scopes.Read, Subjects);
        group.Get("/schemas/ids/{id}/versions", Scopes.Read, Versions);
        group.Get("/schemas/guids/{guid}", Scopes.Read, ByGuid);
        group.Get("/schemas/guids/{guid}/ids", Scopes.Read, Ids);
        group.Get("/contexts", Scopes.Read, Contexts);
        group.Store((HttpMethods.Delete, "/contexts/{named}"), Scopes.Operate, "remove-context", RemoveContextAsync);
        group.Get("/v1/metadata/id", Scopes.Read, _ => RegistryAnswers.Object(writer =>
        {
            writer.WriteString("id", "");
            writer.WriteStartObject("scope");
            writer.WriteStartArray("path");
            writer.WriteEndArray();
            writer.WriteStartObject("clusters");
            writer.WriteEndObject();
            writer.WriteEndObject();
        }));
        group.Get("/v1/metadata/version", Scopes.Read, _ => RegistryAnswers.Object(writer => writer.WriteString("version", "8.2.0")));
        group.Get("/", Scopes.Read, _ => RegistryAnswers.Object(_ => { }));
    }

    private static IResult List(RegistryRequest request)
    {
        var prefix = request.Query("subjectPrefix") ?? "";
        prefix = prefix.StartsWith(":*:", StringComparison.Ordinal) ? prefix[3..] : prefix;
        var versions = request.View.Subjects.Where(subject => subject.StartsWith(prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal)
            .Select(subject => request.View.Versions(SubjectName.Parse(subject)).Where(request.Shows))
            .SelectMany(all => request.Flag("latestOnly") ? all.TakeLast(1) : all);
        return RegistryAnswers.Array(request.Page(versions), (writer, version) => RegistryAnswers.WriteVersion(writer, version, request.Text(version)));
    }

    private static SchemaContent Find(RegistryRequest request) =>
        request.View.Find(request.IdContext, request.Id()) ?? throw RegistryRefusal.NoSchema(request.Id().ToString(CultureInfo.InvariantCulture));

    private static IResult ById(RegistryRequest request)
    {
        var content = Find(request);
        return RegistryAnswers.Object(writer =>
        {
            RegistryAnswers.WriteSchema(writer, content, request.Text(request.IdContext, content));
            writer.WriteString("guid", content.Guid().ToString("D", CultureInfo.InvariantCulture));
            if (request.Flag("fetchMaxId"))
            {
                writer.WriteNumber("maxId", request.View.HighestId(request.IdContext));
            }
        });
    }

    private static IResult TextById(RegistryRequest request)
    {
        var content = Find(request);
        return RegistryAnswers.Raw(request.Text(request.IdContext, content));
    }

    private static IEnumerable<SchemaVersion> Using(RegistryRequest request)
    {
        Find(request);
        return request.View.Using(request.IdContext, request.Id()).Where(request.Shows).OrderBy(one => one.Subject, StringComparer.Ordinal).ThenBy(one => one.Version);
    }

    private static IResult Subjects(RegistryRequest request) => RegistryAnswers.Texts(request.Page(Using(request).Select(one => one.Subject).Distinct()));

    private static IResult Versions(RegistryRequest request) => RegistryAnswers.Array(request.Page(Using(request)), (writer, version) =>
    {
        writer.WriteStartObject();
        writer.WriteString("subject", version.Subject);
        writer.WriteNumber("version", version.Version);
        writer.WriteEndObject();
    });

    private static SchemaContent FindByGuid(RegistryRequest request) =>
        Guid.TryParse(request.Route("guid"), out var guid) && request.View.Find(guid) is { } content ? content : throw RegistryRefusal.NoSchema(request.Route("guid") ?? "");

    private static IResult ByGuid(RegistryRequest request)
    {
        var content = FindByGuid(request);
        return RegistryAnswers.Object(writer =>
        {
            RegistryAnswers.WriteSchema(writer, content, request.Text(request.IdContext, content));
            writer.WriteString("guid", content.Guid().ToString("D", CultureInfo.InvariantCulture));
        });
    }

    private static IResult Ids(RegistryRequest request)
    {
        var content = FindByGuid(request);
        var contexts = AllContexts(request.View).Select(context => (Context: context, Id: request.View.IdOf(context, content))).Where(pair => pair.Id is not null);
        return RegistryAnswers.Array(contexts, (writer, pair) =>
        {
            writer.WriteStartObject();
            writer.WriteString("context", pair.Context);
            writer.WriteNumber("id", pair.Id!.Value);
            writer.WriteEndObject();
        });
    }

    private static IResult Contexts(RegistryRequest request)
    {
        var prefix = request.Query("contextPrefix") ?? "";
        return RegistryAnswers.Texts(request.Page(AllContexts(request.View).Where(context => context.StartsWith(prefix, StringComparison.Ordinal))));
    }

    /// <summary>Takes the settings of a context away. It is there by its subjects alone, so there is nothing else to delete, and none may be left.</summary>
    private static async Task<IResult> RemoveContextAsync(RegistryRequest request)
    {
        var context = SubjectName.In(request.Route("named"), "");
        await request.Registry.ConfigureAsync(
            context.ToString(),
            _ => request.View.Subjects.Select(SubjectName.Parse).Any(name => name.Context == context.Context && request.View.Versions(name).Any(one => one.State != VersionState.Gone))
                ? throw new RegistryRefusal(42211, $"The specified context '{context.Context}' is not empty.")
                : null,
            request.Aborted);
        request.Stored = context.Context;
        return RegistryAnswers.Empty();
    }

    private static IEnumerable<string> AllContexts(RegistryView view) =>
        view.Subjects.Select(SubjectName.Parse).Where(name => view.Versions(name).Any(one => one.State != VersionState.Gone)).Select(name => name.Context).Append(SubjectName.DefaultContext).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
}
