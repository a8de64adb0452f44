using System.Globalization;
using System.Text.Json;
using Trunkline.Client.Api;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Configuration;
using Trunkline.Server.Readers;
using Trunkline.Server.Schemas.Formats;
using Trunkline.Server.Schemas.Json;
using Trunkline.Server.Schemas.Registry;
using Trunkline.Server.Traffic;

namespace Trunkline.Server.Catalog;

/// <summary>The catalog of what runs on a node: its project with what is registered, who reads, and messages as examples.</summary>
/// <param name="broker">Holds the topics.</param>
/// <param name="registry">The schemas.</param>
/// <param name="readers">Who reads.</param>
internal sealed class NodeCatalog(IBroker broker, SchemaRegistry registry, ReaderCatalog readers)
{
    /// <summary>Topics that get an example: each costs a read.</summary>
    private const int ExamplesMax = 200;

    private const int ExampleBytesMax = 16 * 1024;

    /// <summary>The catalog.</summary>
    /// <param name="project">The project in force.</param>
    /// <param name="revision">Its revision.</param>
    /// <param name="address">Where the node is reached.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<CatalogView> ReadAsync(ProjectConfig project, long revision, Uri address, CancellationToken cancellationToken)
    {
        var known = (await readers.ViewsAsync(_ => true, cancellationToken)).ToLookup(reader => reader.Topic);
        var examples = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var topic in project.Topics.Values.OrderBy(topic => topic.Settings.Name, StringComparer.Ordinal).Take(ExamplesMax))
        {
            if (await ExampleAsync(topic, cancellationToken) is { } example)
            {
                examples[topic.Settings.Name] = example;
            }
        }

        var schemas = project.Topics.Values.Select(topic => topic.Subject).OfType<string>().Distinct(StringComparer.Ordinal).Select(Schema).OfType<CatalogSchema>();
        var view = ProjectCatalog.Of(project, new CatalogParts { Readers = topic => [.. known[topic]], Schemas = [.. schemas], Examples = examples });
        return view with { Version = "revision-" + revision.ToString(CultureInfo.InvariantCulture), Address = address };
    }

    private CatalogSchema? Schema(string subject)
    {
        var name = SubjectName.Parse(subject);
        return Newest(name) is { Content: { } content } newest
            ? ProjectCatalog.Schema(subject, content, registry.View.Resolve(name.Context, content)) with { Version = newest.Version, Id = newest.Id, Level = registry.Settings.Level(name) }
            : null;
    }

    private SchemaVersion? Newest(SubjectName subject) => registry.View.Versions(subject).LastOrDefault(version => version.State == VersionState.Live);

    /// <summary>The newest message of a topic, masked; null if there is none that fits what the topic promises once it is masked.</summary>
    private async Task<JsonElement?> ExampleAsync(TopicConfig topic, CancellationToken cancellationToken)
    {
        var partitions = (await broker.DescribeTopicAsync(topic.Settings.Name, cancellationToken)).Partitions;
        if (partitions.Where(one => one.HighOffset > one.LowOffset).MaxBy(one => one.LastAppendedAt) is not { } newest
            || await broker.ReadAsync(new ReadRequest(topic.Settings.Name, newest.Partition, newest.HighOffset - 1, 1), cancellationToken) is not [var stored]
            || stored.Message.Payload.Length > ExampleBytesMax)
        {
            return null;
        }

        var data = new MessageData(registry).Read(topic.Subject, stored.Message);
        return data.Json is { } json && new ExampleMask(data.Fields).Of(json) is { } example && Fits(topic.Subject, example) ? example : null;
    }

    private bool Fits(string? subject, JsonElement example)
    {
        if (subject is null || SubjectName.Parse(subject) is var name && Newest(name) is not { Content: { Type: SchemaTypes.Json } content })
        {
            return true;
        }

        var options = JsonSchemaFormat.Options(registry.View.Resolve(name.Context, content)) with { AssertFormats = true };
        return JsonSchema.Read(System.Text.Encoding.UTF8.GetBytes(content.Text), options, out _)?.Check(JsonSerializer.SerializeToUtf8Bytes(example)) is { Count: 0 };
    }
}
