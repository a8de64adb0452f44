using System.Text.Json.Nodes;
using Trunkline.Client.Api;
using Trunkline.Server.Schemas.Registry;

namespace Trunkline.Server.Catalog;

/// <summary>Writes a catalog as an OpenAPI 3.1 document: what a project takes over HTTP. The node's own API describes itself at <c>/openapi/v1.json</c>.</summary>
public static class OpenApi
{
    /// <summary>The document.</summary>
    /// <param name="view">The catalog.</param>
    public static JsonObject Of(CatalogView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        return new Writing(view).Document();
    }

    private sealed class Writing(CatalogView view)
    {
        private readonly CatalogNames _schemas = new();
        private readonly JsonObject _paths = [];
        private readonly JsonObject _components = [];

        public JsonObject Document()
        {
            // Trunkline's own come first, so that a subject of the same name gets another one.
            foreach (var (name, schema) in OpenApiParts.Schemas())
            {
                _components[_schemas.Of("\n" + name, name)] = schema;
            }

            foreach (var schema in view.Schemas)
            {
                CatalogSchemas.Add(_components, schema, _schemas, forAsyncApi: false);
            }

            foreach (var topic in view.Topics)
            {
                _paths[$"/api/v1/topics/{topic.Name}/messages"] = new JsonObject { ["get"] = Read(topic), ["post"] = Publish(topic) };
            }

            foreach (var flow in view.Flows.Where(flow => flow.From is { Kind: "http" or "webhook", Address: not null }))
            {
                _paths[PathOf(flow.From.Address!)] = new JsonObject { ["post"] = flow.From.Kind == "http" ? Intake(flow) : Hook(flow) };
            }

            foreach (var (flow, sink) in view.Flows.SelectMany(flow => flow.To.Where(sink => sink.Kind == "sse").Select(sink => (flow, sink))))
            {
                _paths[PathOf(sink.Address!)] = new JsonObject { ["get"] = Follow(flow, sink) };
            }

            var components = new JsonObject { ["schemas"] = _components };
            if (view.NeedsToken)
            {
                components["securitySchemes"] = new JsonObject { ["token"] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer", ["description"] = "An API token of the node." } };
            }

            return new JsonObject
            {
                ["openapi"] = "3.1.0",
                ["info"] = new JsonObject
                {
                    ["title"] = view.Title,
                    ["version"] = view.Version,
                    ["description"] = "What a Trunkline project takes and gives over HTTP, made from what runs. Errors are problem+json (RFC 9457) with a stable code.",
                },
                ["servers"] = new JsonArray(new JsonObject { ["url"] = view.Address.GetLeftPart(UriPartial.Authority) }),
                ["tags"] = new JsonArray([.. Tags()]),
                ["paths"] = _paths,
                ["components"] = components,
            };
        }

        private IEnumerable<JsonNode> Tags() => view.Owners.Select(owner =>
        {
            var tag = new JsonObject { ["name"] = owner.Name };
            if ((owner.Email ?? owner.Chat) is { } at)
            {
                tag["description"] = at;
            }

            if (owner.Runbook is { } runbook)
            {
                tag["externalDocs"] = new JsonObject { ["url"] = runbook.AbsoluteUri };
            }

            return (JsonNode)tag;
        });

        private JsonObject Publish(CatalogTopic topic)
        {
            var body = Body(topic.Subject);
            var content = new JsonObject();
            if (body.IsJson)
            {
                content["application/json"] = Media(body.Schema.DeepClone(), topic.Example is { } example ? JsonNode.Parse(example.GetRawText()) : null);
                content["application/x-ndjson"] = new JsonObject();
                content["application/cloudevents+json"] = Media(Event(body.Schema));
                content["application/cloudevents-batch+json"] = Media(new JsonObject { ["type"] = "array", ["items"] = Event(body.Schema) });
            }
            else
            {
                content[body.ContentType] = new JsonObject();
                content["application/cloudevents+json"] = Media(Event(body.Schema));
            }

            var operation = Operation($"publish-{topic.Name}", $"Publish to {topic.Name}.", topic.Owner, topic.Sunset is not null);
            operation["description"] = topic.Subject is null ? "Any content. Answers once it is durable." : $"Messages are held to subject {topic.Subject} ({topic.Contract}). Answers once they are durable, all or none.";
            operation["parameters"] = new JsonArray(
                Header("Trunkline-Key", "Key of messages that bring none; percent-encoded UTF-8."), Header("Idempotency-Key", "Identity of plain JSON messages, 1 to 512 characters."));
            operation["requestBody"] = new JsonObject { ["required"] = true, ["content"] = content };
            operation["responses"] = Responses(("200", "Durable; a repeat is told as duplicate.", "PublishResponse"), ["400", "404", "413", "415", .. topic is { Subject: not null, Contract: "reject" } ? ["422"] : (string[])[], "503"]);
            return operation;
        }

        private JsonObject Read(CatalogTopic topic)
        {
            var operation = Operation($"read-{topic.Name}", $"Read {topic.Name} from a position or a time.", topic.Owner, topic.Sunset is not null);
            operation["parameters"] = new JsonArray(
                Query("partition", "integer", "The partition; with offset."), Query("offset", "integer", "The first offset."), Query("time", "string", "Instead: from this time on (RFC 3339)."),
                Query("limit", "integer", "Messages at most."));
            var page = new JsonObject
            {
                ["type"] = "object",
                ["required"] = new JsonArray("messages"),
                ["properties"] = new JsonObject { ["messages"] = new JsonObject { ["type"] = "array", ["items"] = Event(Body(topic.Subject).Schema) }, ["next"] = new JsonObject { ["type"] = "string" } },
            };
            operation["responses"] = Responses(("200", "Messages, and where to go on.", null), ["400", "404"]);
            operation["responses"]!["200"]!["content"] = new JsonObject { ["application/json"] = Media(page) };
            return operation;
        }

        private JsonObject Intake(CatalogFlow flow)
        {
            var operation = Operation($"send-{flow.Name}", $"Hand a message to flow {flow.Name}.", flow.Owner, false);
            operation["description"] = $"Answers once the flow's outputs are durable, with what became of the message. Order: {flow.Order}.";
            operation["requestBody"] = new JsonObject { ["required"] = true, ["content"] = TakenBody(flow.From.Subject) };
            operation["responses"] = Responses(("200", "What became of it.", "IntakeResponse"), ["400", "404", "413", "503"]);
            return operation;
        }

        private JsonObject Hook(CatalogFlow flow)
        {
            var operation = Operation($"hook-{flow.Name}", $"Webhooks for flow {flow.Name}, signed as {flow.From.SignedBy} signs.", flow.Owner, false);
            operation["security"] = new JsonArray();
            operation["requestBody"] = new JsonObject { ["required"] = true, ["content"] = TakenBody(flow.From.Subject) };
            operation["responses"] = Responses(("200", "Taken, or taken before.", null), ["401", "404", "413", "503"]);
            return operation;
        }

        private JsonObject Follow(CatalogFlow flow, CatalogPlace sink)
        {
            var operation = Operation($"follow-{flow.Name}-{sink.Sink}", $"Follow what flow {flow.Name} sends, as server-sent events.", flow.Owner, false);
            operation["responses"] = Responses(("200", "Events as they come.", null), ["401", "404", "503"]);
            operation["responses"]!["200"]!["content"] = new JsonObject { ["text/event-stream"] = new JsonObject() };
            return operation;
        }

        private JsonObject Operation(string id, string summary, string? owner, bool isDeprecated)
        {
            var operation = new JsonObject { ["operationId"] = id, ["summary"] = summary };
            if (owner is not null)
            {
                operation["tags"] = new JsonArray(owner);
                operation["x-owner"] = owner;
            }

            if (isDeprecated)
            {
                operation["deprecated"] = true;
            }

            if (view.NeedsToken)
            {
                operation["security"] = new JsonArray(new JsonObject { ["token"] = new JsonArray() });
            }

            return operation;
        }

        private static JsonObject Responses((string Status, string Text, string? Schema) good, string[] problems)
        {
            var all = new JsonObject { [good.Status] = new JsonObject { ["description"] = good.Text } };
            if (good.Schema is { } schema)
            {
                all[good.Status]!["content"] = new JsonObject { ["application/json"] = Media(Ref(schema)) };
            }

            foreach (var status in problems)
            {
                all[status] = new JsonObject { ["description"] = OpenApiParts.ProblemText(status), ["content"] = new JsonObject { ["application/problem+json"] = Media(Ref("Problem")) } };
            }

            return all;
        }

        private JsonObject TakenBody(string? subject)
        {
            var body = Body(subject);
            var content = new JsonObject { [body.IsJson ? "application/json" : body.ContentType] = body.IsJson ? Media(body.Schema) : new JsonObject() };
            content.TryAdd("*/*", new JsonObject());
            return content;
        }

        /// <summary>What a payload is: a schema where it is JSON, else its content type.</summary>
        private (bool IsJson, JsonNode Schema, string ContentType) Body(string? subject) => view.Schemas.FirstOrDefault(one => one.Subject == subject) switch
        {
            null => (true, new JsonObject(), "application/json"),
            { SchemaType: SchemaTypes.Json } schema => (true, Ref(_schemas.Of(schema.Subject)), "application/json"),
            { SchemaType: SchemaTypes.Avro } => (false, new JsonObject(), "avro/binary"),
            _ => (false, new JsonObject(), "application/protobuf"),
        };

        private static JsonObject Event(JsonNode data)
        {
            var isAny = data is JsonObject { Count: 0 };
            return isAny ? Ref("CloudEvent") : new JsonObject
            {
                ["allOf"] = new JsonArray(Ref("CloudEvent"), new JsonObject { ["type"] = "object", ["properties"] = new JsonObject { ["data"] = data.DeepClone() } }),
            };
        }

        private static JsonObject Media(JsonNode schema, JsonNode? example = null)
        {
            var media = new JsonObject { ["schema"] = schema };
            if (example is not null)
            {
                media["example"] = example;
            }

            return media;
        }

        private static JsonObject Header(string name, string description) => Parameter(name, "header", "string", description);

        private static JsonObject Query(string name, string type, string description) => Parameter(name, "query", type, description);

        private static JsonObject Parameter(string name, string place, string type, string description) => new()
        {
            ["name"] = name,
            ["in"] = place,
            ["description"] = description,
            ["schema"] = new JsonObject { ["type"] = type },
        };

        private static JsonObject Ref(string name) => new() { ["$ref"] = "#/components/schemas/" + name };

        /// <summary>Braces would make a parameter of a part of the path.</summary>
        private static string PathOf(string path) => path.Replace("{", "%7B", StringComparison.Ordinal).Replace("}", "%7D", StringComparison.Ordinal);
    }
}
