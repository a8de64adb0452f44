using System.Globalization;
using System.Text.Json.Nodes;
using Trunkline.Client.Api;

namespace Trunkline.Server.Catalog;

/// <summary>What an AsyncAPI document tells beside its own words, as extensions.</summary>
internal static class AsyncApiFacts
{
    /// <summary>An owner, as a tag.</summary>
    public static JsonObject Owner(CatalogOwner owner) => Some(
        ("name", owner.Name),
        ("description", string.Join(", ", new[] { owner.Email, owner.Chat }.OfType<string>()) is { Length: > 0 } at ? at : null),
        ("externalDocs", owner.Runbook is { } runbook ? new JsonObject { ["url"] = runbook.AbsoluteUri, ["description"] = "Runbook" } : null));

    /// <summary>What a topic promises.</summary>
    public static JsonObject Topic(CatalogTopic topic) => Some(
        ("x-owner", topic.Owner),
        ("x-subject", topic.Subject),
        ("x-contract", topic.Subject is null ? null : topic.Contract),
        ("x-partitions", topic.Partitions),
        ("x-retention", Some(("age", AsyncApi.Span(topic.RetentionAgeMs)), ("bytes", topic.RetentionBytes), ("newestOfEachKey", topic.Compacted ? true : null))),
        ("x-guarantees", Some(
            ("durability", topic.Durability),
            ("order", "per key: messages of one key are in one partition, in the order they were appended"),
            ("dedupe", topic.DedupeWindowMs > 0 ? $"by source and id, within {AsyncApi.Span(topic.DedupeWindowMs)}" : "none"),
            ("delivery", "at least once to groups, until acknowledged"))),
        ("x-sunset", topic.Sunset?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)),
        ("x-use", topic.Use),
        ("x-written-by", topic.WrittenBy.Count == 0 ? null : new JsonArray([.. topic.WrittenBy.Select(one => (JsonNode)one)])),
        ("x-readers", topic.Readers.Count == 0 ? null : new JsonArray([.. topic.Readers.Select(Reader)])));

    private static JsonObject Reader(ReaderView reader) => Some(
        ("kind", reader.Kind),
        ("name", reader.Name),
        ("version", reader.Version),
        ("owner", reader.Owner),
        ("fields", new JsonArray([.. reader.Fields.Select(field => (JsonNode)(field.Length == 0 ? "*" : field))])));

    /// <summary>What a flow promises; null for nothing.</summary>
    public static JsonArray? Slo(CatalogFlow flow) => flow.Objectives.Count == 0 ? null : new JsonArray([.. flow.Objectives.Select(one => Some(
        ("name", one.Name),
        ("measure", one.Measure),
        ("target", one.Target),
        ("window", FormattableString.Invariant($"{one.WindowDays}d")),
        ("within", one.Measure == "success" ? null : AsyncApi.Span(flow.WithinMs)),
        ("description", one.Description)))]);

    /// <summary>A flow as a whole, also where it meets no channel.</summary>
    public static JsonObject Flow(CatalogFlow flow) => Some(
        ("name", flow.Name),
        ("owner", flow.Owner),
        ("from", $"{flow.From.Kind}{(flow.From.Address is { } at ? $" {at}" : "")}"),
        ("steps", new JsonArray([.. flow.Steps.Select(step => (JsonNode)step)])),
        ("models", flow.Models.Count == 0 ? null : new JsonArray([.. flow.Models.Select(model => (JsonNode)model)])),
        ("to", new JsonArray([.. flow.To.Select(place => (JsonNode)$"{place.Kind}{(place.Address is { } at ? $" {at}" : "")}")])),
        ("attempts", flow.Attempts),
        ("onFailure", flow.OnFailure),
        ("deadline", AsyncApi.Span(flow.DeadlineMs)),
        ("slo", Slo(flow)));

    /// <summary>What every message has around it.</summary>
    public static JsonObject Envelope() => new()
    {
        ["headers"] = new JsonObject
        {
            ["type"] = "object",
            ["description"] = "Attributes of the CloudEvent; over HTTP in binary mode each is a header with the prefix ce-.",
            ["properties"] = new JsonObject
            {
                ["id"] = Property("Unique with source; repeats are recognised by both."),
                ["source"] = Property("Who sent it."),
                ["type"] = Property("What happened."),
                ["time"] = Property("The producer's time."),
                ["partitionkey"] = Property("The key order is kept by."),
                ["tenant"] = Property("Whose it is."),
                ["priority"] = Property("How urgent it is."),
            },
        },
    };

    private static JsonObject Property(string description) => new() { ["type"] = "string", ["description"] = description };

    /// <summary>An object of those members that have a value.</summary>
    public static JsonObject Some(params ReadOnlySpan<(string Name, JsonNode? Value)> members)
    {
        var some = new JsonObject();
        foreach (var (name, value) in members)
        {
            if (value is not (null or JsonObject { Count: 0 }))
            {
                some[name] = value;
            }
        }

        return some;
    }
}
