using System.CommandLine;
using System.Globalization;
using Trunkline.Cli.Terminal;
using Trunkline.Client.Api;
using Trunkline.Dashboard.Data;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline schemas list|show|register|check|diff|delete</c></summary>
internal static class SchemasCommand
{
    // The registry does not name it.
    private const string AvroFormat = "AVRO";

    private static readonly Argument<string> Subject = new("subject") { Description = "The subject." };
    private static readonly Argument<string> Schema = new("schema") { Description = "The file with the schema: .avsc for Avro, .json for JSON Schema, .proto for Protobuf, unless --type says otherwise." };
    private static readonly Argument<string> Prefix = new("prefix") { Description = "How subjects begin.", DefaultValueFactory = _ => "" };
    private static readonly Option<bool> All = new("--all") { Description = "All versions, not only the newest." };
    private static readonly Option<int?> Version = new("--version", "-v") { Description = "The version. Default: the newest." };
    private static readonly Option<int?> From = new("--from") { Description = "The older version. Default: the one before." };
    private static readonly Option<bool> Permanent = new("--permanent") { Description = "Delete for good what was deleted before." };
    private static readonly Option<string?> Type = new Option<string?>("--type") { Description = "AVRO, JSON or PROTOBUF.", HelpName = "format" }.AcceptOnlyFromAmong("AVRO", "JSON", "PROTOBUF");

    private static readonly Option<string[]> References = new("--ref")
    {
        Description = "A schema it refers to, as name=subject:version; may be given several times.",
        HelpName = "reference",
    };

    public static Command Create()
    {
        var list = new Command("list", "List subjects with their newest version.") { Prefix, All, SharedOptions.Node, SharedOptions.Json };
        list.SetAction(ListAsync);
        var show = new Command("show", "Print a schema.") { Subject, Version, SharedOptions.Node, SharedOptions.Json };
        show.SetAction(ShowAsync);
        var register = new Command("register", "Register a schema; exit code 4 if it is refused.") { Subject, Schema, Type, References, SharedOptions.Node, SharedOptions.Json };
        register.SetAction(RegisterAsync);
        var check = new Command("check", "Tell whether a schema could be registered; exit code 1 if not. Nothing is stored.")
        {
            Subject, Schema, Type, References, SharedOptions.Node, SharedOptions.Json,
        };
        check.SetAction(CheckAsync);
        var diff = new Command("diff", "Show what changed between two versions.") { Subject, From, Version, SharedOptions.Node, SharedOptions.Json };
        diff.SetAction(DiffAsync);
        var delete = new Command("delete", "Delete a subject or a version; messages written with it stay readable until it is deleted for good.")
        {
            Subject, Version, Permanent, SharedOptions.Node, SharedOptions.Json,
        };
        delete.SetAction(DeleteAsync);
        return new Command("schemas", "Schemas in the registry.") { list, show, register, check, diff, delete };
    }

    private static async Task<int> ListAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        using var client = SharedOptions.Client(parsed);
        var versions = await Patience.WaitAsync(output, $"waiting for {client.Address}", client.Schemas.ListAsync(parsed.GetValue(Prefix)!, parsed.GetValue(All), cancellationToken));
        output.Result(versions, ApiJson.Default.IReadOnlyListSchemaVersionView, text => text.Table(
            ["subject", "#version", "#id", "format"],
            [.. versions.Select(one => (IReadOnlyList<string>)[one.Subject, Number(one.Version), Number(one.Id), one.SchemaType ?? AvroFormat])],
            "No schemas yet: 'trunkline schemas register SUBJECT FILE' brings one."));
        return ExitCode.Done;
    }

    private static async Task<int> ShowAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        using var client = SharedOptions.Client(parsed);
        var version = await Patience.WaitAsync(output, $"waiting for {client.Address}", client.Schemas.ShowAsync(parsed.GetValue(Subject)!, parsed.GetValue(Version), cancellationToken));
        output.Result(version, ApiJson.Default.SchemaVersionView, text =>
        {
            text.Note($"{version.Subject} version {Number(version.Version)}, id {Number(version.Id)}, {version.SchemaType ?? AvroFormat}");
            foreach (var line in SchemaTexts.Readable(version.Schema, version.SchemaType).TrimEnd('\n').Split('\n'))
            {
                text.Line(line);
            }
        });
        return ExitCode.Done;
    }

    private static async Task<int> RegisterAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        var request = await RequestAsync(parsed, cancellationToken);
        using var client = SharedOptions.Client(parsed);
        var version = await Patience.WaitAsync(output, $"waiting for {client.Address}", client.Schemas.RegisterAsync(parsed.GetValue(Subject)!, request, cancellationToken));
        output.Result(version, ApiJson.Default.SchemaVersionView, text => text.Line($"{parsed.GetValue(Subject)} version {Number(version.Version)}, id {Number(version.Id)}"));
        return ExitCode.Done;
    }

    private static async Task<int> CheckAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        var request = await RequestAsync(parsed, cancellationToken);
        using var client = SharedOptions.Client(parsed);
        var verdict = await Patience.WaitAsync(output, $"waiting for {client.Address}", client.Schemas.CheckAsync(parsed.GetValue(Subject)!, request, cancellationToken));
        output.Result(verdict, ApiJson.Default.CompatibilityView, text =>
        {
            text.Line(verdict.IsCompatible ? "compatible" : "not compatible:");
            foreach (var message in verdict.Messages ?? [])
            {
                text.Line($"  {message}");
            }
        });
        return verdict.IsCompatible ? ExitCode.Done : ExitCode.Found;
    }

    private static async Task<int> DiffAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        var subject = parsed.GetValue(Subject)!;
        using var client = SharedOptions.Client(parsed);
        var newer = await Patience.WaitAsync(output, $"waiting for {client.Address}", client.Schemas.ShowAsync(subject, parsed.GetValue(Version), cancellationToken));
        var older = parsed.GetValue(From) is { } from
            ? await client.Schemas.ShowAsync(subject, from, cancellationToken)
            : (await client.Schemas.ListAsync(subject, all: true, cancellationToken)).Where(one => one.Subject == subject && one.Version < newer.Version).MaxBy(one => one.Version)
                ?? throw CliException.Usage($"Version {Number(newer.Version)} of '{subject}' has none before it.", "Name two versions with --from and --version.");
        var (was, now) = (older.SchemaType ?? AvroFormat, newer.SchemaType ?? AvroFormat);
        var changes = was != now ? [new SchemaChange("/", was, now)] : now == ProtoPlaces.Format ? ProtoPlaces.Diff(older.Schema, newer.Schema) : SchemaDiff.Of(older.Schema, newer.Schema);
        output.Result(new SchemaDiffDocument(subject, older.Version, newer.Version, changes), CliJson.Default.SchemaDiffDocument, text =>
        {
            text.Note($"{subject} version {Number(older.Version)} to {Number(newer.Version)}");
            foreach (var change in changes)
            {
                text.Line($"{(change.From is null ? "+" : change.To is null ? "-" : "~")} {change.At}: {change.From ?? ""}{(change is { From: not null, To: not null } ? " -> " : "")}{change.To ?? ""}");
            }
        });
        return ExitCode.Done;
    }

    private static async Task<int> DeleteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        var (subject, version, permanent) = (parsed.GetValue(Subject)!, parsed.GetValue(Version), parsed.GetValue(Permanent));
        using var client = SharedOptions.Client(parsed);
        var work = version is { } number ? OneAsync(client.Schemas.DeleteVersionAsync(subject, number, permanent, cancellationToken)) : client.Schemas.DeleteAsync(subject, permanent, cancellationToken);
        var deleted = await Patience.WaitAsync(output, $"waiting for {client.Address}", work);
        output.Result(deleted, ApiJson.Default.IReadOnlyListInt32, text =>
            text.Line($"deleted {(permanent ? "for good " : "")}{subject} version {string.Join(", ", deleted.Select(Number))}"));
        return ExitCode.Done;
    }

    private static async Task<IReadOnlyList<int>> OneAsync(Task<int> version) => [await version];

    private static async Task<SchemaRequest> RequestAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var path = parsed.GetValue(Schema)!;
        var type = parsed.GetValue(Type) ?? TypeOf(path);
        SchemaReferenceView[] references = [.. (parsed.GetValue(References) ?? []).Select(Reference)];
        return new SchemaRequest(await File.ReadAllTextAsync(path, cancellationToken), type, references.Length == 0 ? null : references);
    }

    /// <summary>The format of a schema's file, by its name.</summary>
    public static string TypeOf(string path) =>
        path.EndsWith(".avsc", StringComparison.OrdinalIgnoreCase) ? "AVRO"
        : path.EndsWith(".json", StringComparison.OrdinalIgnoreCase) ? "JSON"
        : path.EndsWith(".proto", StringComparison.OrdinalIgnoreCase) ? ProtoPlaces.Format
        : throw CliException.Usage($"'{path}' is none of .avsc, .json and .proto.", "Say with --type what it is.");

    private static SchemaReferenceView Reference(string text)
    {
        var (equals, colon) = (text.IndexOf('=', StringComparison.Ordinal), text.LastIndexOf(':'));
        return equals > 0 && colon > equals + 1 && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var version) && version > 0
            ? new(text[..equals], text[(equals + 1)..colon], version)
            : throw CliException.Usage($"'{text}' is no reference.", "Write name=subject:version.");
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
