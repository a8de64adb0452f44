using System.Text.Json;
using System.Text.Json.Nodes;
using Trunkline.Client.Api;
using Trunkline.Core.Config;
using Trunkline.Server.Schemas.Registry;

namespace Trunkline.Server.Catalog;

/// <summary>Writes a catalog as an AsyncAPI 3 document: topics and other places of messages as channels, what flows do there as operations.</summary>
public static class AsyncApi
{
    private const string Server = "node";

    /// <summary>The document.</summary>
    /// <param name="view">The catalog.</param>
    public static JsonObject Of(CatalogView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        return new Writing(view).Document();
    }

    /// <summary>A duration as the project file writes it; null for none.</summary>
    internal static string? Span(long? milliseconds) => milliseconds is { } ms ? DurationText.Format(TimeSpan.FromMilliseconds(ms)) : null;

    private sealed class Writing(CatalogView view)
    {
        private readonly CatalogNames _schemas = new();
        private readonly CatalogNames _places = new();
        private readonly CatalogNames _hosts = new();
        private readonly CatalogNames _deeds = new();
        private readonly JsonObject _servers = [];
        private readonly JsonObject _channels = [];
        private readonly JsonObject _operations = [];
        private readonly JsonObject _messages = [];

        public JsonObject Document()
        {
            _servers[_hosts.Of("\n", Server)] = Node();
            foreach (var topic in view.Topics)
            {
                // Topics keep their names: what else there is gives way.
                Topic(topic, _places.Of("\n" + topic.Name, topic.Name));
            }

            foreach (var flow in view.Flows)
            {
                Flow(flow);
            }

            var components = new JsonObject { ["schemas"] = Schemas(), ["messages"] = _messages, ["messageTraits"] = new JsonObject { ["cloudevent"] = AsyncApiFacts.Envelope() } };
            if (view.NeedsToken)
            {
                components["securitySchemes"] = new JsonObject { ["token"] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer", ["description"] = "An API token of the node." } };
            }

            return new JsonObject
            {
                ["asyncapi"] = "3.0.0",
                ["info"] = new JsonObject
                {
                    ["title"] = view.Title,
                    ["version"] = view.Version,
                    ["description"] = "Topics and flows of a Trunkline project, made from what runs. A message is a CloudEvent; over HTTP it is published and read as the OpenAPI document beside this one tells.",
                    ["tags"] = new JsonArray([.. view.Owners.Select(AsyncApiFacts.Owner)]),
                },
                ["defaultContentType"] = "application/json",
                ["servers"] = _servers,
                ["channels"] = _channels,
                ["operations"] = _operations,
                ["components"] = components,
                ["x-flows"] = new JsonArray([.. view.Flows.Select(AsyncApiFacts.Flow)]),
            };
        }

        private JsonObject Node()
        {
            var server = new JsonObject { ["host"] = view.Address.Authority, ["protocol"] = view.Address.Scheme, ["description"] = "The Trunkline node." };
            if (view.NeedsToken)
            {
                server["security"] = new JsonArray(Ref("#/components/securitySchemes/token"));
            }

            return server;
        }

        private void Topic(CatalogTopic topic, string name)
        {
            _messages[name] = Message(topic.Subject, topic.Example);
            var channel = new JsonObject
            {
                ["address"] = name,
                ["title"] = $"Topic {name}",
                ["description"] = Description(topic),
                ["servers"] = new JsonArray(Ref($"#/servers/{Server}")),
                ["messages"] = new JsonObject { ["message"] = Ref($"#/components/messages/{name}") },
                ["tags"] = Tags(topic.Owner),
            };
            foreach (var (word, value) in AsyncApiFacts.Topic(topic))
            {
                channel[word] = value?.DeepClone();
            }

            _channels[name] = channel;
            var path = $"/api/v1/topics/{name}/messages";
            _operations[_deeds.Of($"publish\n{name}", $"publish.{name}")] = Operation("receive", name, $"Anybody may publish to {name}: POST {path}.", topic.Owner, "POST");
            _operations[_deeds.Of($"read\n{name}", $"read.{name}")] = Operation("send", name, $"Anybody may read {name}: GET {path}, as a stream, or with a group.", topic.Owner, "GET");
        }

        private string Description(CatalogTopic topic) =>
            $"{(CatalogNames.Contact(view, topic.Owner) is { } owner ? $"Owner: {owner}. " : "")}{(topic.Subject is null ? "Messages are not held to a schema." : $"Messages are held to subject {topic.Subject} ({topic.Contract}).")}"
            + (topic.Sunset is { } end ? $" Deprecated: its last day is {end:yyyy-MM-dd}{(topic.Use is { } use ? $"; use {use}" : "")}." : "");

        private void Flow(CatalogFlow flow)
        {
            if (Place(flow.From, isSource: true) is { } from)
            {
                _operations[_deeds.Of($"receive\n{flow.Name}", $"{flow.Name}.receive")] = FlowOperation("receive", from, flow, flow.From, null);
            }

            foreach (var sink in flow.To)
            {
                if (Place(sink, isSource: false) is { } to)
                {
                    _operations[_deeds.Of($"send\n{flow.Name}\n{sink.Sink}", $"{flow.Name}.send.{sink.Sink}")] = FlowOperation("send", to, flow, sink, sink.When);
                }
            }
        }

        /// <summary>The channel of a place; null for one that is nobody else's business, such as a folder.</summary>
        private string? Place(CatalogPlace place, bool isSource)
        {
            if (place.Address is not { } address)
            {
                return null;
            }

            if (place.Kind == "topic")
            {
                return _channels.ContainsKey(address) ? address : null;
            }

            var outside = address.StartsWith('/') ? null : new Uri(address);
            var name = _places.Of($"{place.Kind}\n{address}", $"{place.Kind}-{(outside is null ? address[1..] : outside.Host + outside.AbsolutePath)}");
            if (!_channels.ContainsKey(name))
            {
                _messages[name] = Message(place.Subject, null);
                _channels[name] = new JsonObject
                {
                    ["address"] = outside?.AbsolutePath ?? address,
                    ["title"] = $"{(isSource ? "Messages from" : "Messages to")} {address}",
                    ["servers"] = new JsonArray(Ref($"#/servers/{(outside is null ? Server : Outside(outside))}")),
                    ["messages"] = new JsonObject { ["message"] = Ref($"#/components/messages/{name}") },
                };
            }

            return name;
        }

        private string Outside(Uri address)
        {
            var name = _hosts.Of(address.Authority);
            _servers.TryAdd(name, new JsonObject { ["host"] = address.Authority, ["protocol"] = address.Scheme, ["description"] = "Takes webhooks (Standard Webhooks)." });
            return name;
        }

        private static JsonObject FlowOperation(string action, string channel, CatalogFlow flow, CatalogPlace place, string? when)
        {
            var does = action == "receive" ? $"Flow {flow.Name} takes messages." : $"Flow {flow.Name} sends messages{(when is null ? "" : $" where {when}")}.";
            var operation = Operation(action, channel, does, flow.Owner, place.Kind is "http" or "webhook" ? "POST" : null);
            foreach (var (word, value) in AsyncApiFacts.Some(
                ("x-flow", flow.Name),
                ("x-owner", flow.Owner),
                ("x-signed-by", place.SignedBy),
                ("x-guarantees", AsyncApiFacts.Some(("order", flow.Order), ("delivery", place.Delivery))),
                ("x-slo", AsyncApiFacts.Slo(flow))))
            {
                operation[word] = value?.DeepClone();
            }

            return operation;
        }

        private static JsonObject Operation(string action, string channel, string summary, string? owner, string? method)
        {
            var operation = new JsonObject
            {
                ["action"] = action,
                ["channel"] = Ref($"#/channels/{channel}"),
                ["summary"] = summary,
                ["messages"] = new JsonArray(Ref($"#/channels/{channel}/messages/message")),
                ["tags"] = Tags(owner),
            };
            if (method is not null)
            {
                operation["bindings"] = new JsonObject { ["http"] = new JsonObject { ["method"] = method, ["bindingVersion"] = "0.3.0" } };
            }

            return operation;
        }

        private JsonObject Message(string? subject, JsonElement? example)
        {
            var schema = view.Schemas.FirstOrDefault(one => one.Subject == subject);
            return AsyncApiFacts.Some(
                ("title", subject ?? "Any message"),
                ("contentType", schema?.SchemaType switch { SchemaTypes.Avro => "avro/binary", SchemaTypes.Protobuf => "application/protobuf", _ => "application/json" }),
                ("traits", new JsonArray(Ref("#/components/messageTraits/cloudevent"))),
                ("payload", schema is null ? null : Ref($"#/components/schemas/{_schemas.Of(schema.Subject)}")),
                ("examples", example is not null && schema is (null or { SchemaType: SchemaTypes.Json }) ? new JsonArray(new JsonObject { ["name"] = "masked", ["summary"] = "A message, its texts and numbers masked.", ["payload"] = JsonNode.Parse(example.Value.GetRawText()) }) : null),
                ("x-subject", subject),
                ("x-schema-version", schema?.Version),
                ("x-schema-id", schema?.Id));
        }

        private JsonObject Schemas()
        {
            var all = new JsonObject();
            foreach (var schema in view.Schemas)
            {
                CatalogSchemas.Add(all, schema, _schemas, forAsyncApi: true);
            }

            return all;
        }

        private static JsonArray Tags(string? owner) => owner is null ? [] : new JsonArray(new JsonObject { ["name"] = owner });

        private static JsonObject Ref(string to) => new() { ["$ref"] = to };
    }
}
