using System.Globalization;
using System.Text.Json;
using System.Text;
using Trunkline.Server.Releases;
using Trunkline.Server.Schemas.Formats;
using Trunkline.Server.Schemas.Json;
using Trunkline.Server.Schemas.Registry;

namespace Trunkline.Server.Api.Registry;

/// <summary>What a request to the registry asks, read from address and body.</summary>
internal sealed class RegistryRequest(HttpContext context, SchemaRegistry registry, ChangeLog changes)
{
    private static readonly JsonDocumentOptions s_body = new() { MaxDepth = 64, AllowDuplicateProperties = false };

    /// <summary>The registry.</summary>
    public SchemaRegistry Registry => registry;

    /// <summary>What is registered.</summary>
    public RegistryView View => registry.View;

    /// <summary>Gives up when the client leaves.</summary>
    public CancellationToken Aborted => context.RequestAborted;

    /// <summary>The context in the address; null for none.</summary>
    public string? Context => Route("context");

    /// <summary>The subject in the address.</summary>
    public SubjectName Subject => SubjectName.In(Context, Route("subject") ?? "");

    /// <summary>What was stored, for the changes; null if nothing was.</summary>
    public string? Stored { get; set; }

    /// <summary>A flag of the query.</summary>
    public bool Flag(string name) => bool.TryParse(context.Request.Query[name], out var set) && set;

    /// <summary>A text of the query; null if it is not there.</summary>
    public string? Query(string name) => context.Request.Query.TryGetValue(name, out var value) ? value.ToString() : null;

    /// <summary>The values of the query under a name.</summary>
    public IEnumerable<string?> Values(string name) => context.Request.Query[name];

    /// <summary>Writes what was stored into the changes.</summary>
    public Task RecordAsync(string what) => Stored is null
        ? Task.CompletedTask
        : context.RecordAsync(changes, what, Route("subject") is null && Context is null ? "schema registry" : $"subject {Subject}", Stored);

    /// <summary>A part of the address.</summary>
    public string? Route(string name) => (context.Request.RouteValues[name] as string)?.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);

    /// <summary>A page of a list, after offset and limit.</summary>
    public IEnumerable<T> Page<T>(IEnumerable<T> all)
    {
        var offset = int.TryParse(Query("offset"), NumberStyles.None, CultureInfo.InvariantCulture, out var first) ? first : 0;
        var limit = int.TryParse(Query("limit"), NumberStyles.None, CultureInfo.InvariantCulture, out var most) ? most : int.MaxValue;
        return all.Skip(offset).Take(limit);
    }

    /// <summary>True if a version is to be shown, after deleted and deletedOnly.</summary>
    public bool Shows(SchemaVersion version) => version.State switch
    {
        VersionState.Live => !Flag("deletedOnly"),
        VersionState.Deleted => Flag("deleted") || Flag("deletedOnly"),
        _ => false,
    };

    /// <summary>The subject's versions that are to be shown.</summary>
    /// <exception cref="RegistryRefusal">There is none.</exception>
    public IReadOnlyList<SchemaVersion> Versions()
    {
        var versions = View.Versions(Subject).Where(Shows).ToList();
        return versions.Count > 0 ? versions : throw RegistryRefusal.NoSubject(Subject.ToString());
    }

    /// <summary>The version in the address.</summary>
    /// <exception cref="RegistryRefusal">There is none.</exception>
    public SchemaVersion Version() => Pick(Versions());

    /// <summary>The version in the address, of some.</summary>
    public SchemaVersion Pick(IReadOnlyList<SchemaVersion> versions)
    {
        var text = Route("version");
        if (text is "latest" or "-1")
        {
            return versions[^1];
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? versions.FirstOrDefault(one => one.Version == number) ?? throw RegistryRefusal.NoVersion(number)
            : throw new RegistryRefusal(42202, $"The specified version '{text}' is not a valid version id. Allowed values are between [1, 2^31-1] and the string \"latest\"");
    }

    /// <summary>The id in the address.</summary>
    public int Id() => int.TryParse(Route("id"), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : throw RegistryRefusal.NoSchema(Route("id") ?? "");

    /// <summary>The context of an id: that of the address, else that of the query's subject, else the default one.</summary>
    public string IdContext => Context is { } given ? SubjectName.In(given, "").Context : SubjectName.Parse(Query("subject") ?? "").Context;

    /// <summary>The body.</summary>
    public async Task<JsonElement> BodyAsync()
    {
        try
        {
            using var document = await JsonDocument.ParseAsync(context.Request.Body, s_body, Aborted);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : throw new JsonException("no object");
        }
        catch (JsonException)
        {
            throw new RegistryRefusal(400, "The body is not a JSON object, or has a name twice");
        }
    }

    /// <summary>The schema in a body.</summary>
    public SchemaContent Content(JsonElement body)
    {
        var type = Text(body, "schemaType") ?? SchemaTypes.Avro;
        var format = SchemaFormats.Find(type) ?? throw RegistryRefusal.Invalid($"Schemas of type '{type}' are not taken here, but {string.Join(", ", SchemaFormats.Names)}");
        var content = new SchemaContent
        {
            Type = type,
            Text = Text(body, "schema") ?? throw RegistryRefusal.Invalid("Empty schema"),
            References = body.TryGetProperty("references", out var references) && references.ValueKind == JsonValueKind.Array
                ? [.. references.EnumerateArray().Select(Reference)]
                : [],
            Metadata = Raw(body, "metadata"),
            RuleSet = Raw(body, "ruleSet"),
        };
        if (Encoding.UTF8.GetByteCount(content.Text) > JsonSchemaOptions.SizeMax)
        {
            throw new RegistryRefusal(42209, string.Create(CultureInfo.InvariantCulture, $"The schema has more than {JsonSchemaOptions.SizeMax} bytes"));
        }

        if (content.RuleSet is not null)
        {
            RuleSets.Check(body.GetProperty("ruleSet"));
        }

        try
        {
            return content with { Text = format.Canonical(content.Text, Normalizes, View.Resolve(Subject.Context, content)) };
        }
        catch (SchemaFormatException failure)
        {
            throw RegistryRefusal.Invalid($"Invalid schema of type {type}: {failure.Message}");
        }
    }

    /// <summary>Whether the schema in the body is to be normalised.</summary>
    public bool Normalizes => Flag("normalize") || registry.Settings.Normalizes(Subject);

    /// <summary>A version's schema normalised, for what was registered without.</summary>
    public string Normal(SchemaVersion version) => SchemaFormats.Get(version.Content!.Type)
        .Canonical(version.Content.Text, normalize: true, View.Resolve(SubjectName.Parse(version.Subject).Context, version.Content));

    /// <summary>A version's schema in the form the query asks for.</summary>
    public string Text(SchemaVersion version) => Text(SubjectName.Parse(version.Subject).Context, version.Content!);

    /// <summary>A schema of a context in the form the query asks for: as it is, or compiled.</summary>
    public string Text(string of, SchemaContent content) => content.Type == SchemaTypes.Protobuf && Query("format") == "serialized"
        ? ProtobufFormat.Serialized(content.Text, View.Resolve(of, content))
        : content.Text;

    /// <summary>A text in a body; null if it is not there.</summary>
    public static string? Text(JsonElement body, string name) => body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>A number in a body; null if it is not there.</summary>
    public static int? Number(JsonElement body, string name) =>
        body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number : null;

    private static string? Raw(JsonElement body, string name) =>
        body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object ? JsonText.Compact(value.GetRawText(), normalize: false) : null;

    private static SchemaReference Reference(JsonElement reference) =>
        reference.ValueKind == JsonValueKind.Object && Text(reference, "name") is { Length: > 0 } name && Text(reference, "subject") is { Length: > 0 } subject && Number(reference, "version") is { } version
            ? new(name, subject, version)
            : throw RegistryRefusal.Invalid("A reference needs a name, a subject and a version");
}
