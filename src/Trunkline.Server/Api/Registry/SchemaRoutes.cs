using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Trunkline.Core.Security;
using Trunkline.Server.Api.Security;
using Trunkline.Server.Schemas.Registry;

namespace Trunkline.Server.Api.Registry;

/// <summary>Schemas by id and GUID, lists over all subjects, contexts, and what the registry says of itself.</summary>
internal static class SchemaRoutes
{
    public static void Map(RouteGroupBuilder group)
    {
        group.MapGet("/schemas", (HttpContext http, [FromServices] SchemaRegistry registry) => List(new(http, registry))).Requires(Scopes.Read);
        group.MapGet("/schemas/types", () => RegistryAnswers.Texts(SchemaReading.Types)).Requires(Scopes.Read);
        group.MapGet("/schemas/ids/{id}", (HttpContext http, [FromServices] SchemaRegistry registry) => ById(new(http, registry))).Requires(Scopes.Read);
        group.MapGet("/schemas/ids/{id}/schema", (HttpContext http, [FromServices] SchemaRegistry registry) => TextById(new(http, registry))).Requires(Scopes.Read);
        group.MapGet("/schemas/ids/{id}/subjects", (HttpContext http, [FromServices] SchemaRegistry registry) => Subjects(new(http, registry))).Requires(Scopes.Read);
        group.MapGet("/schemas/ids/{id}/versions", (HttpContext http, [FromServices] SchemaRegistry registry) => Versions(new(http, registry))).Requires(Scopes.Read);
        group.MapGet("/schemas/guids/{guid}", (HttpContext http, [FromServices] SchemaRegistry registry) => ByGuid(new(http, registry))).Requires(Scopes.Read);
        group.MapGet("/schemas/guids/{guid}/ids", (HttpContext http, [FromServices] SchemaRegistry registry) => Ids(new(http, registry))).Requires(Scopes.Read);
        group.MapGet("/contexts", (HttpContext http, [FromServices] SchemaRegistry registry) => Contexts(new(http, registry))).Requires(Scopes.Read);
        group.MapGet("/v1/metadata/id", () => RegistryAnswers.Object(writer =>
        {
            writer.WriteString("id", "");
            writer.WriteStartObject("scope");
            writer.WriteStartArray("path");
            writer.WriteEndArray();
            writer.WriteStartObject("clusters");
            writer.WriteEndObject();
            writer.WriteEndObject();
        })).Requires(Scopes.Read);
        group.MapGet("/v1/metadata/version", () => RegistryAnswers.Object(writer => writer.WriteString("version", "8.2.0"))).Requires(Scopes.Read);
        group.MapGet("/", () => RegistryAnswers.Object(_ => { })).Requires(Scopes.Read);
    }

    private static IResult List(RegistryRequest request)
    {
        var prefix = request.Query("subjectPrefix") ?? "";
        prefix = prefix.StartsWith(":*:", StringComparison.Ordinal) ? prefix[3..] : prefix;
        var versions = request.View.Subjects.Where(subject => subject.StartsWith(prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal)
            .Select(subject => request.View.Versions(SubjectName.Parse(subject)).Where(request.Shows))
            .SelectMany(all => request.Flag("latestOnly") ? all.TakeLast(1) : all);
        return RegistryAnswers.Array(request.Page(versions), RegistryAnswers.WriteVersion);
    }

    private static SchemaContent Find(RegistryRequest request) =>
        request.View.Find(request.IdContext, request.Id()) ?? throw RegistryRefusal.NoSchema(request.Id().ToString(CultureInfo.InvariantCulture));

    private static IResult ById(RegistryRequest request)
    {
        var content = Find(request);
        return RegistryAnswers.Object(writer =>
        {
            RegistryAnswers.WriteSchema(writer, content);
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
        return RegistryAnswers.Json(writer => writer.WriteRawValue(content.Text));
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
            RegistryAnswers.WriteSchema(writer, content);
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

    private static IResult Contexts(RegistryRequest request) => RegistryAnswers.Texts(request.Page(AllContexts(request.View)));

    private static IEnumerable<string> AllContexts(RegistryView view) =>
        view.Subjects.Select(subject => SubjectName.Parse(subject).Context).Append(SubjectName.DefaultContext).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
}
