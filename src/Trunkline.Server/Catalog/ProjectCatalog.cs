using System.Security.Cryptography;
using System.Text.Json;
using Trunkline.Client.Api;
using Trunkline.Messaging.Topics;
using Trunkline.Server.Configuration;
using Trunkline.Server.Readers;
using Trunkline.Server.Schemas.Fields;
using Trunkline.Server.Schemas.Registry;

namespace Trunkline.Server.Catalog;

/// <summary>Makes the catalog of a project: what its documents are written from.</summary>
public static class ProjectCatalog
{
    private const int FieldsMax = 500;

    /// <summary>The catalog of a project by its files alone.</summary>
    /// <param name="project">The project.</param>
    /// <param name="title">What it is called; null for the name of its folder.</param>
    /// <param name="address">Where its node is reached; null for where it listens.</param>
    public static CatalogView Of(ProjectConfig project, string? title = null, Uri? address = null)
    {
        ArgumentNullException.ThrowIfNull(project);
        var readers = ProjectReaders.Of(project).ToLookup(reader => reader.Topic, reader => ReaderCatalog.View(reader, project, null));
        var schemas = project.Topics.Values.Where(topic => topic is { Subject: not null, Schema: not null })
            .DistinctBy(topic => topic.Subject).Select(topic => SchemaFile.Read(topic.Schema!, out _) is { } content ? Schema(topic.Subject!, content, []) : null).OfType<CatalogSchema>();
        var view = Of(project, new CatalogParts { Readers = topic => [.. readers[topic]], Schemas = [.. schemas] }) with { Title = title ?? TitleOf(project), Address = address ?? new Uri(project.Node.Listen) };
        return view with { Version = HashOf(view) };
    }

    /// <summary>The catalog of a project with what else is known.</summary>
    internal static CatalogView Of(ProjectConfig project, CatalogParts parts)
    {
        var flows = project.Flows.Values.OrderBy(flow => flow.Name, StringComparer.Ordinal).Select(flow => FlowFacts.Of(flow, project)).ToList();
        var topics = project.Topics.Values.Where(topic => !TopicName.IsInternal(topic.Settings.Name)).OrderBy(topic => topic.Settings.Name, StringComparer.Ordinal);
        return new CatalogView
        {
            Title = TitleOf(project),
            Version = "",
            Address = new Uri(project.Node.Listen),
            NeedsToken = project.Node.Auth.Count > 0,
            Owners = [.. project.Owners.OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => new CatalogOwner(one.Key, one.Value.Email, one.Value.Chat, one.Value.Runbook))],
            Topics = [.. topics.Select(topic => Topic(topic, flows, parts))],
            Flows = flows,
            Schemas = [.. parts.Schemas.OrderBy(schema => schema.Subject, StringComparer.Ordinal)],
        };
    }

    /// <summary>The schema of a subject, with its fields.</summary>
    /// <param name="subject">The subject.</param>
    /// <param name="content">The schema.</param>
    /// <param name="references">What it refers to, by the names used.</param>
    internal static CatalogSchema Schema(string subject, SchemaContent content, IReadOnlyList<KeyValuePair<string, string>> references) => new()
    {
        Subject = subject,
        SchemaType = content.Type,
        Schema = content.Text,
        References = references.DistinctBy(one => one.Key).ToDictionary(one => one.Key, one => one.Value, StringComparer.Ordinal),
        Fields = [.. (SchemaFields.Of(content, references)?.All.Values ?? []).Where(field => field.Path.Length > 0).OrderBy(field => field.Path, StringComparer.Ordinal).Take(FieldsMax).Select(Field)],
    };

    /// <summary>What a field may hold, for people.</summary>
    internal static string Holds(SchemaField field) =>
        field.Values is { Count: > 0 } values ? $"{FieldKindText.Of(field.Kinds)}: {string.Join(", ", values.Order(StringComparer.Ordinal))}" : FieldKindText.Of(field.Kinds);

    /// <summary>A policy in the project file's word.</summary>
    internal static string Word(ContractPolicy contract) => contract switch { ContractPolicy.Observe => "observe", ContractPolicy.DeadLetter => "dead-letter", _ => "reject" };

    private static CatalogField Field(SchemaField field) => new(field.Path, Holds(field), field.IsRequired);

    private static CatalogTopic Topic(TopicConfig topic, List<CatalogFlow> flows, CatalogParts parts)
    {
        var settings = topic.Settings;
        return new CatalogTopic
        {
            Name = settings.Name,
            Owner = topic.Owner,
            Subject = topic.Subject,
            Contract = Word(topic.Contract),
            Partitions = settings.Partitions,
            Durability = settings.Durability.ToString(),
            RetentionAgeMs = (long?)settings.RetentionAge?.TotalMilliseconds,
            RetentionBytes = settings.RetentionBytes,
            Compacted = settings.Compacted,
            DedupeWindowMs = (long)settings.DedupeWindow.TotalMilliseconds,
            MessageBytesMax = settings.MessageBytesMax,
            Sunset = topic.Deprecated?.Sunset,
            Use = topic.Deprecated?.Use,
            Readers = parts.Readers(settings.Name),
            WrittenBy = [.. flows.Where(flow => flow.To.Any(place => place.Kind == "topic" && place.Address == settings.Name)).Select(flow => flow.Name)],
            Example = parts.Examples.TryGetValue(settings.Name, out var example) ? example : null,
        };
    }

    private static string TitleOf(ProjectConfig project) => Path.GetFileName(Path.TrimEndingDirectorySeparator(project.BaseDirectory)) is { Length: > 0 } folder ? folder : "Trunkline";

    /// <summary>The same for the same content, wherever and whenever it is made.</summary>
    private static string HashOf(CatalogView view) =>
        Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(view with { Title = "" }, ApiJson.Default.CatalogView)))[..12];
}

/// <summary>What a project's text does not tell of its catalog.</summary>
internal sealed record CatalogParts
{
    /// <summary>Who reads a topic.</summary>
    public required Func<string, IReadOnlyList<ReaderView>> Readers { get; init; }

    /// <summary>The newest schemas of its subjects.</summary>
    public required IReadOnlyList<CatalogSchema> Schemas { get; init; }

    /// <summary>A masked message of each topic that has one to show.</summary>
    public IReadOnlyDictionary<string, JsonElement> Examples { get; init; } = new Dictionary<string, JsonElement>();
}
