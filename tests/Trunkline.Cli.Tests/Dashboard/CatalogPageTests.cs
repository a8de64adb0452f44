using Trunkline.Client.Api;
using Trunkline.Dashboard.Data;
using Trunkline.Dashboard.Pages;

namespace Trunkline.Cli.Tests.Dashboard;

/// <summary>The page on what runs, as others see it.</summary>
public sealed class CatalogPageTests
{
    private const string Hostile = "\"><script>alert(1)</script>";

    private static readonly DateTimeOffset Now = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);
    private static readonly Loaded<NodeView> Node = new(new NodeView("0.1.0", "embedded", [], 1, Now.AddHours(-1)), null);

    [Fact]
    public async Task Topics_flows_requests_and_owners_are_told_and_found_by_what_they_name()
    {
        var html = await RenderAsync("", View("orders"));
        foreach (var shown in new[] { "href=\"/topics/orders\"", "href=\"/flows/sort\"", "99.5 % latency within 5 s over 30 d", "/in/orders", "topic orders, flow sort", "/api/v1/docs/asyncapi.json", "until 2099-03-31" })
        {
            Assert.Contains(shown, html, StringComparison.Ordinal);
        }

        var found = await RenderAsync("SORT", View("orders"));
        Assert.Contains("href=\"/flows/sort\"", found, StringComparison.Ordinal);
        Assert.DoesNotContain("href=\"/topics/orders\"", found, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_project_is_taught_and_trouble_is_told()
    {
        Assert.Contains("The project names no topics yet", await RenderAsync("", new CatalogView { Title = "p", Version = "1", Address = new Uri("http://127.0.0.1:1") }), StringComparison.Ordinal);
        Assert.Contains("It does not answer.", await Pages.RenderAsync<CatalogPage>("Board", new CatalogBoard(Now, "", Node, new(null, "It does not answer."))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hostile_names_stay_text() => Assert.DoesNotContain("<script>alert", await RenderAsync("", View(Hostile)), StringComparison.Ordinal);

    private static Task<string> RenderAsync(string find, CatalogView view) => Pages.RenderAsync<CatalogPage>("Board", new CatalogBoard(Now, find, Node, new(view, null)));

    private static CatalogView View(string topic) => new()
    {
        Title = "shop",
        Version = "1",
        Address = new Uri("http://127.0.0.1:7420"),
        Owners = [new CatalogOwner("shop", "shop@example.com", null, null)],
        Topics = [new CatalogTopic { Name = topic, Owner = "shop", Subject = topic, Contract = "reject", Partitions = 1, Durability = "sync", Sunset = new DateOnly(2099, 3, 31) }],
        Flows =
        [
            new CatalogFlow
            {
                Name = "sort", Owner = "shop", From = new CatalogPlace("http", "/in/orders"), Order = "per key", Attempts = 5, OnFailure = "stop", WithinMs = 5000,
                Objectives = [new CatalogObjective("sort.latency", "latency", 0.995, 30, null)],
            },
        ],
    };
}
