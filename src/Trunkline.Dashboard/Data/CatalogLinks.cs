using Trunkline.Client.Api;

namespace Trunkline.Dashboard.Data;

/// <summary>Where parts of a catalog are shown: on the pages of a node, or in files beside one another.</summary>
/// <param name="Topic">The address of a topic's page.</param>
/// <param name="Flow">The address of a flow's page.</param>
/// <param name="AsyncApi">The address of the AsyncAPI document.</param>
/// <param name="OpenApi">The address of the OpenAPI document.</param>
public sealed record CatalogLinks(Func<string, string> Topic, Func<string, string> Flow, string AsyncApi, string OpenApi)
{
    /// <summary>On a node.</summary>
    public static CatalogLinks Node { get; } =
        new(name => "/topics/" + Uri.EscapeDataString(name), name => "/flows/" + Uri.EscapeDataString(name), "/api/v1/docs/asyncapi.json", "/api/v1/docs/openapi.json");

    /// <summary>In files, seen from the first page.</summary>
    public static CatalogLinks Files { get; } = FilesFrom("");

    /// <summary>In files, seen from a page one folder down.</summary>
    public static CatalogLinks FilesBelow { get; } = FilesFrom("../");

    private static CatalogLinks FilesFrom(string root) => new(
        name => $"{root}topics/{Uri.EscapeDataString(name)}.html", name => $"{root}flows/{Uri.EscapeDataString(name)}.html", root + "asyncapi.json", root + "openapi.json");
}

/// <summary>Something a project takes or gives over HTTP.</summary>
/// <param name="Method">The method.</param>
/// <param name="Path">The path on the node.</param>
/// <param name="What">What it does.</param>
/// <param name="Owner">Who answers for it, or null.</param>
public sealed record CatalogEndpoint(string Method, string Path, string What, string? Owner)
{
    /// <summary>All of a catalog, by path.</summary>
    public static IReadOnlyList<CatalogEndpoint> Of(CatalogView view) =>
    [
        .. view.Topics.SelectMany(topic => (CatalogEndpoint[])
        [
            new("POST", $"/api/v1/topics/{topic.Name}/messages", $"publish to {topic.Name}", topic.Owner), new("GET", $"/api/v1/topics/{topic.Name}/messages", $"read {topic.Name}", topic.Owner),
        ]).Concat(view.Flows.SelectMany(OfFlow)).OrderBy(one => one.Path, StringComparer.Ordinal),
    ];

    private static IEnumerable<CatalogEndpoint> OfFlow(CatalogFlow flow)
    {
        if (flow.From is { Kind: "http" or "webhook", Address: { } into })
        {
            yield return new("POST", into, flow.From.SignedBy is { } signer ? $"webhooks for {flow.Name}, signed as {signer} signs" : $"a message for {flow.Name}", flow.Owner);
        }
        else if (flow.From is { Kind: "websocket", Address: { } socket })
        {
            yield return new("WebSocket", socket, $"a message a frame for {flow.Name}", flow.Owner);
        }

        foreach (var sink in flow.To.Where(sink => sink.Kind is "sse" or "websocket"))
        {
            yield return new(sink.Kind == "sse" ? "GET" : "WebSocket", sink.Address!, $"follow what {flow.Name} sends", flow.Owner);
        }
    }
}
