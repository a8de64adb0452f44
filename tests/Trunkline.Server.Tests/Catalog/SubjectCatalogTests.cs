using Trunkline.Client;
using Trunkline.Client.Api;
using Trunkline.Server.Tests.Hosting;

namespace Trunkline.Server.Tests.Catalog;

/// <summary>Subjects as people ask about them, over a node's API.</summary>
public sealed class SubjectCatalogTests
{
    private const string Project = """
        owners: { shop: {} }
        topics:
          orders: { subject: orders, owner: shop, contract: dead-letter, readers: { billing: { fields: [total], owner: shop } } }
          large: {}
        flows:
          sort: { from: { topic: orders }, steps: [ { filter: message.id != "" } ], to: { topic: large } }
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Fields_that_changed_are_told_the_same_way_for_each_format_with_who_reads_them()
    {
        await using var node = new NodeFixture("subjects", Project);
        await node.StartAsync();
        var client = node.Client;
        await RegisterAsync(client, "orders", "JSON", """{"type":"object","additionalProperties":false,"required":["id"],"properties":{"id":{"type":"string"},"total":{"type":"integer"},"old":{"type":"string"}}}""");
        await RegisterAsync(client, "orders", "JSON", """{"type":"object","additionalProperties":false,"required":["id"],"properties":{"id":{"type":"string"},"total":{"type":"number"},"state":{"enum":["new"]},"old":true}}""");
        await RegisterAsync(client, "mails", "AVRO", """{"type":"record","name":"Mail","fields":[{"name":"id","type":"string"},{"name":"n","type":"int"}]}""");
        await RegisterAsync(client, "mails", "AVRO", """{"type":"record","name":"Mail","fields":[{"name":"id","type":"string"}]}""");
        await RegisterAsync(client, "parcels", "PROTOBUF", """syntax = "proto3"; message P { string id = 1; }""");
        await RegisterAsync(client, "parcels", "PROTOBUF", """syntax = "proto3"; message P { string id = 1; repeated string items = 2; }""");
        var orders = await client.Contracts.SubjectAsync("orders", null, null, Cancel);
        Assert.Equal(["old changed", "state added", "total changed"], orders.Diff!.Fields.Select(field => $"{field.Path} {field.Change}"));
        Assert.Equal(["billing"], orders.Diff.Fields.Single(field => field.Path == "total").ReadBy);
        Assert.Equal("integer, sometimes missing", orders.Diff.Fields.Single(field => field.Path == "total").Was);
        Assert.Empty(orders.Diff.Incompatible);
        Assert.Equal(["sort", "billing"], orders.Readers.Select(reader => reader.Name));
        Assert.Equal(("orders", "dead-letter", "shop"), (orders.Topics.Single().Topic, orders.Topics.Single().Contract, orders.Topics.Single().Owner));
        Assert.Equal("n removed", Assert.Single((await client.Contracts.SubjectAsync("mails", 1, 2, Cancel)).Diff!.Fields) is var gone ? $"{gone.Path} {gone.Change}" : "");
        Assert.Contains("items added", (await client.Contracts.SubjectAsync("parcels", null, null, Cancel)).Diff!.Fields.Select(field => $"{field.Path} {field.Change}"));
        var list = (await client.Contracts.SubjectsAsync(Cancel)).Subjects;
        Assert.Equal(["mails 2 BACKWARD 0", "orders 2 BACKWARD 2", "parcels 2 BACKWARD 0"], list.Select(one => $"{one.Subject} {one.Versions} {one.Level} {one.Readers}"));

        // Backwards is told too: what the newer writes the older may not read.
        var reasons = (await client.Contracts.SubjectAsync("orders", 2, 1, Cancel)).Diff!.Incompatible;
        Assert.Contains(reasons, reason => reason.StartsWith("version 1 cannot read all that the other wrote, at #/properties/total: ", StringComparison.Ordinal));
        foreach (var (subject, from, to) in new (string, int?, int?)[] { ("nobody", null, null), ("orders", 7, null), ("orders", null, 9) })
        {
            var refused = await Assert.ThrowsAsync<TrunklineException>(() => client.Contracts.SubjectAsync(subject, from, to, Cancel));
            Assert.Equal((404, "request.not-found"), (refused.Status, refused.Code));
        }
    }

    private static Task<SchemaVersionView> RegisterAsync(TrunklineClient client, string subject, string type, string schema) => client.Schemas.RegisterAsync(subject, new SchemaRequest(schema, type), Cancel);
}
