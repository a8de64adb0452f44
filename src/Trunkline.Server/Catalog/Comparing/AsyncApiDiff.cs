using System.Text.Json.Nodes;
using Trunkline.Core.Errors;
using Trunkline.Server.Schemas.Formats;
using Trunkline.Server.Schemas.Registry;

namespace Trunkline.Server.Catalog.Comparing;

/// <summary>
/// What breaks between two AsyncAPI documents. Operations are seen from the application: whoever sends what it receives may not be refused more, whoever reads what it sends
/// may not find what was not promised. Operations are known by their channel's address and what they do, not by their names.
/// </summary>
internal sealed class AsyncApiDiff(JsonObject older, JsonObject newer, bool payloads)
{
    private const int ReasonsMax = 3;

    private readonly List<DocumentBreak> _breaks = [];

    /// <summary>All of it, in the order of the older document.</summary>
    public IReadOnlyList<DocumentBreak> Breaks()
    {
        var now = Operations(newer).ToLookup(one => (one.Action, one.Address));
        var addresses = Operations(newer).Select(one => one.Address).ToHashSet(StringComparer.Ordinal);
        foreach (var before in Operations(older).GroupBy(one => (one.Action, one.Address)))
        {
            var where = $"{before.Key.Action} {before.Key.Address}";
            var after = now[before.Key].ToList();
            if (after.Count == 0)
            {
                _breaks.Add(new DocumentBreak(ErrorCodes.ContractOperationRemoved, where, addresses.Contains(before.Key.Address) ? "the operation is removed" : "the channel is removed"));
                continue;
            }

            if (payloads)
            {
                Messages(where, before.Key.Action == "receive", [.. before.SelectMany(one => one.Messages)], [.. after.SelectMany(one => one.Messages)]);
            }
        }

        return _breaks;
    }

    private void Messages(string where, bool isReceived, List<JsonObject> then, List<JsonObject> now)
    {
        // Who writes has to be read: what others sent up to now by the application, what it sends from now on by others.
        var (writers, readers) = isReceived ? (then, now) : (now, then);
        foreach (var message in writers.Distinct())
        {
            IReadOnlyList<string>? least = null;
            foreach (var reader in readers.Distinct())
            {
                var reasons = Refusals(isReceived ? (newer, reader) : (older, reader), isReceived ? (older, message) : (newer, message));
                least = least is null || reasons.Count < least.Count ? reasons : least;
            }

            if (least is { Count: > 0 })
            {
                _breaks.Add(isReceived
                    ? new DocumentBreak(ErrorCodes.ContractRequestNarrowed, where, $"a message is refused that was taken: {string.Join("; ", least)}")
                    : new DocumentBreak(ErrorCodes.ContractResponseWidened, where, $"a message may hold what it could not: {string.Join("; ", least)}"));
            }
        }
    }

    private static IReadOnlyList<string> Refusals((JsonObject Document, JsonObject Message) reader, (JsonObject Document, JsonObject Message) writer)
    {
        var (read, written) = (Payload(reader), Payload(writer));
        if (read.Format != written.Format)
        {
            return [$"{written.Format} is written and {read.Format} is read"];
        }

        if (read.Format == SchemaTypes.Json)
        {
            return DocumentSchema.Refusals((reader.Document, read.Schema), (writer.Document, written.Schema));
        }

        if (JsonNode.DeepEquals(read.Schema, written.Schema))
        {
            return [];
        }

        var (accepts, allows) = (SchemaText(read.Schema), SchemaText(written.Schema));
        var format = SchemaFormats.Get(read.Format);
        return format.Check(accepts, []).Concat(format.Check(allows, [])).FirstOrDefault() is { } fault
            ? [$"a schema cannot be read, so it cannot be compared: {fault.Message}"]
            : [.. format.Comparer(accepts, [], allows, [])(true).Take(ReasonsMax).Select(one => $"{one.Message} ({one.Kind} at {one.At})")];
    }

    /// <summary>A payload's schema and its format, in the registry's words; a format not known here is compared with itself only.</summary>
    private static (string Format, JsonNode? Schema) Payload((JsonObject Document, JsonObject Message) of)
    {
        var payload = of.Message["payload"];
        var found = DocumentNodes.Follow(of.Document, payload);
        if (DocumentNodes.Text(found, "schemaFormat") is not { } format)
        {
            return (SchemaTypes.Json, payload);
        }

        return format.Contains("avro", StringComparison.Ordinal) ? (SchemaTypes.Avro, found!["schema"])
            : format.Contains("protobuf", StringComparison.Ordinal) ? (SchemaTypes.Protobuf, found!["schema"])
            : (SchemaTypes.Json, found!["schema"]);
    }

    private static string SchemaText(JsonNode? schema) => schema is JsonValue value && value.TryGetValue<string>(out var text) ? text : schema?.ToJsonString() ?? "";

    private static IEnumerable<(string Action, string Address, IReadOnlyList<JsonObject> Messages)> Operations(JsonObject document)
    {
        foreach (var (_, operation) in DocumentNodes.Objects(document, document["operations"]))
        {
            if (DocumentNodes.Text(operation, "action") is { } action && DocumentNodes.Follow(document, operation["channel"]) is { } channel && DocumentNodes.Text(channel, "address") is { } address)
            {
                var own = (operation["messages"] as JsonArray)?.Select(one => DocumentNodes.Follow(document, one)).OfType<JsonObject>().ToList();
                yield return (action, address, own ?? [.. DocumentNodes.Objects(document, channel["messages"]).Select(one => one.Value)]);
            }
        }
    }
}
