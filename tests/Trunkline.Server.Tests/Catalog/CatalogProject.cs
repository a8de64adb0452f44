using Trunkline.Client.Api;
using Trunkline.Server.Catalog;
using Trunkline.Server.Configuration;

namespace Trunkline.Server.Tests.Catalog;

/// <summary>A project with something of everything that documents tell.</summary>
internal static class CatalogProject
{
    public const string Orders = """
        {"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"https://example.com/orders","type":"object","required":["id","total"],"additionalProperties":false,
         "properties":{"id":{"type":"string"},"total":{"type":"integer","minimum":0},"state":{"enum":["new","paid"]},"at":{"type":"string","format":"date-time"},"mail":{"type":"string","format":"email"},
         "pair":{"prefixItems":[{"type":"string"}],"items":false},"lines":{"type":"array","items":{"$ref":"#/$defs/line","description":"a line"}}},
         "$defs":{"line":{"$anchor":"l","type":"object","required":["sku"],"properties":{"sku":{"type":"string"},"of":{"$ref":"#l"}},"unevaluatedProperties":false}}}
        """;

    public const string Text = """
        owners:
          shop: { email: shop@example.com, chat: "#shop", runbook: "https://wiki.example.com/shop" }
          finance: { email: finance@example.com }
        topics:
          orders: { subject: orders, schema: schemas/orders.json, owner: shop, retention: 7d, readers: { billing: { fields: [id, total], owner: finance, version: "2.1" } } }
          payments: { subject: payments, schema: schemas/payments.avsc, owner: finance, contract: observe }
          parcels: { subject: parcels, schema: schemas/parcels.proto, deprecated: { sunset: 2099-03-31, use: orders } }
          http-in-orders: {}
          large: {}
        flows:
          intake: { from: { http: /orders }, steps: [ { filter: message.total > 0 } ], to: { topic: orders, key: message.id }, owner: shop }
          hooks: { from: { webhook: { path: /pay, verify: github, secret: abcdefghijklmnop } }, steps: [ { map: "({ ...message, at: meta.time })" } ], to: { topic: large } }
          sockets: { from: { websocket: { path: /live } }, to: { topic: large } }
          read: { from: { schedule: { cron: "0 0 * * *", zone: UTC } }, to: { topic: large } }
          sort:
            from: { topic: orders }
            branch:
              - when: message.total > 100
                to: [ { topic: large }, { webhook: { url: "https://hooks.example.com/large?token=hidden" } } ]
              - otherwise: true
                to: { sse: { path: /orders } }
            onFailure: park-key
            slo: { within: 5s, latency: 99.5% }
            owner: shop
        """;

    private const string Payments = """
        {"type":"record","name":"Payment","namespace":"shop","fields":[{"name":"id","type":"string"},{"name":"kind","type":{"type":"enum","name":"Kind","symbols":["CARD","CASH"]}}]}
        """;

    private const string Parcels = """syntax = "proto3"; package shop; message Parcel { string id = 1; repeated string items = 2; }""";

    /// <summary>Writes it into a folder; the way to its file.</summary>
    public static string WriteTo(string folder, string text = Text)
    {
        Directory.CreateDirectory(Path.Combine(folder, "schemas"));
        foreach (var (name, content) in new[] { ("trunkline.yaml", text), ("schemas/orders.json", Orders), ("schemas/payments.avsc", Payments), ("schemas/parcels.proto", Parcels) })
        {
            File.WriteAllText(Path.Combine(folder, name), content);
        }

        return Path.Combine(folder, "trunkline.yaml");
    }

    /// <summary>Its catalog, by its files.</summary>
    public static CatalogView Read(string path)
    {
        var load = ProjectFile.Load(ProjectSource.FromDisk(path, _ => null));
        Assert.True(load.Config is not null, string.Join("\n", load.Faults.Select(fault => fault.Message)));
        return ProjectCatalog.Of(load.Config, "shop");
    }
}
