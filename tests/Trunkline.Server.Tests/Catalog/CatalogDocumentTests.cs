using System.Text.Json;
using System.Text.Json.Nodes;
using Trunkline.Client.Api;
using Trunkline.Server.Catalog;
using Trunkline.Server.Tests.Hosting;
using Trunkline.Server.Tests.Schemas;
using Trunkline.Testing.Processes;

namespace Trunkline.Server.Tests.Catalog;

/// <summary>AsyncAPI and OpenAPI of a project and of what runs, for what they tell and for the tools that read them.</summary>
public sealed class CatalogDocumentTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    [Trait("speed", "slow")]
    public async Task The_tools_of_AsyncAPI_and_OpenAPI_find_no_fault_in_documents_of_files_and_of_a_node()
    {
        var clients = await NodeClients.InstalledAsync("documents.js", "@asyncapi/parser");
        var files = Write("files", CatalogProject.Read(CatalogProject.WriteTo(_folder.Path)));
        await using var node = new NodeFixture("catalog", CatalogProject.Text.Replace("schema: schemas/orders.json, ", "", StringComparison.Ordinal)
            .Replace("schema: schemas/payments.avsc, ", "", StringComparison.Ordinal).Replace("schema: schemas/parcels.proto, ", "", StringComparison.Ordinal));
        await node.StartAsync();
        await RegisterAsync(node);
        await node.PublishAsync("orders", """{"id":"a-1","total":12,"state":"paid","at":"2026-01-31T12:00:00Z","mail":"ada@example.org","lines":[{"sku":"Q-7"}]}""");
        var live = Write("live", await node.Client.Contracts.CatalogAsync(Cancel));
        var (exit, output) = await NodeClients.RunAsync("node", clients, ["documents.js", .. files, .. live]);
        Assert.True(exit == 0 && output.TrimEnd().EndsWith("ok", StringComparison.Ordinal), output);
        Assert.Equal(2, output.Split('\n').Count(line => line == "10 channels, 21 operations, 8 paths"));
    }

    [Fact]
    public void Documents_tell_owners_guarantees_readers_and_promises_and_no_secret()
    {
        var view = CatalogProject.Read(CatalogProject.WriteTo(_folder.Path));
        var asyncApi = AsyncApi.Of(view);
        var orders = asyncApi["channels"]!["orders"]!;
        Assert.Equal("shop", (string?)orders["x-owner"]);
        Assert.Equal("sync", (string?)orders["x-guarantees"]!["durability"]);
        Assert.Equal(["sort", "billing"], orders["x-readers"]!.AsArray().Select(reader => (string?)reader!["name"]));
        var receive = asyncApi["operations"]!["sort.receive"]!;
        Assert.Equal("0.995", receive["x-slo"]![0]!["target"]!.ToJsonString());
        Assert.Contains("wait behind", (string?)receive["x-guarantees"]!["order"], StringComparison.Ordinal);
        Assert.Equal("2099-03-31", (string?)asyncApi["channels"]!["parcels"]!["x-sunset"]);

        // A topic that is called as a place would be keeps its name.
        Assert.Equal("http-in-orders", (string?)asyncApi["channels"]!["http-in-orders"]!["address"]);
        Assert.Equal("/in/orders", (string?)asyncApi["channels"]!["http-in-orders-2"]!["address"]);
        var openApi = OpenApi.Of(view);
        Assert.Equal("#/components/schemas/orders", (string?)openApi["paths"]!["/in/orders"]!["post"]!["requestBody"]!["content"]!["application/json"]!["schema"]!["$ref"]);
        Assert.Empty(openApi["paths"]!["/hooks/pay"]!["post"]!["security"]!.AsArray());
        Assert.True((bool)openApi["paths"]!["/api/v1/topics/parcels/messages"]!["post"]!["deprecated"]!);
        Assert.DoesNotContain("hidden", asyncApi.ToJsonString() + openApi.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain("abcdefghijklmnop", asyncApi.ToJsonString() + openApi.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_files_make_the_same_documents_wherever_they_lie()
    {
        var (one, other) = (Path.Combine(_folder.Path, "one"), Path.Combine(_folder.Path, "other"));
        var documents = new[] { one, other }.Select(folder => AsyncApi.Of(CatalogProject.Read(CatalogProject.WriteTo(folder))).ToJsonString()).ToList();
        Assert.Equal(documents[0], documents[1]);
        var changed = CatalogProject.Read(CatalogProject.WriteTo(other, CatalogProject.Text.Replace("retention: 7d", "retention: 8d", StringComparison.Ordinal)));
        Assert.NotEqual(CatalogProject.Read(Path.Combine(one, "trunkline.yaml")).Version, changed.Version);
    }

    [Fact]
    public async Task Examples_of_a_node_have_the_shape_of_messages_and_nothing_of_what_stands_in_them()
    {
        await using var node = new NodeFixture("examples", "topics: { orders: { subject: orders }, free: {}, closed: { subject: closed } }");
        await node.StartAsync();
        await node.Client.Schemas.RegisterAsync("orders", new SchemaRequest(CatalogProject.Orders, "JSON"), Cancel);
        await node.Client.Schemas.RegisterAsync("closed", new SchemaRequest("""{"type":"object","properties":{"code":{"type":"string","pattern":"^Q7$"}}}""", "JSON"), Cancel);
        await node.PublishAsync("orders", """{"id":"Ada-1","total":125,"state":"paid","at":"2026-01-31T12:00:00Z","mail":"ada@example.org"}""");
        await node.PublishAsync("free", """{"name":"Ada Lovelace","ada@example.org":1,"sum":-12.75}""");
        await node.PublishAsync("closed", """{"code":"Q7"}""");
        var topics = (await node.Client.Contracts.CatalogAsync(Cancel)).Topics.ToDictionary(topic => topic.Name, topic => topic.Example?.GetRawText());
        Assert.Equal("""{"id":"Aaa-9","total":111,"state":"paid","at":"2000-01-01T00:00:00Z","mail":"someone@example.com"}""", topics["orders"]);
        Assert.Equal("""{"name":"Aaa Aaaaaaaa","someone@example.com":1,"sum":-1.5}""", topics["free"]);

        // What does not fit the schema once it is masked is no example.
        Assert.Null(topics["closed"]);
    }

    private static async Task RegisterAsync(NodeFixture node)
    {
        CatalogProject.WriteTo(Path.Combine(node.Folder, "files"));
        foreach (var (subject, file, type) in new[] { ("orders", "orders.json", "JSON"), ("payments", "payments.avsc", "AVRO"), ("parcels", "parcels.proto", "PROTOBUF") })
        {
            var schema = await File.ReadAllTextAsync(Path.Combine(node.Folder, "files", "schemas", file), Cancel);
            await node.Client.Schemas.RegisterAsync(subject, new SchemaRequest(schema, type), Cancel);
        }
    }

    private string[] Write(string name, CatalogView view)
    {
        string[] files = [Path.Combine(_folder.Path, name + ".asyncapi.json"), Path.Combine(_folder.Path, name + ".openapi.json")];
        File.WriteAllText(files[0], Text(AsyncApi.Of(view)));
        File.WriteAllText(files[1], Text(OpenApi.Of(view)));
        return files;
    }

    private static string Text(JsonObject document) => document.ToJsonString(new JsonSerializerOptions { MaxDepth = 1000 });
}
