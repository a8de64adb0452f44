using Trunkline.Client.Api;
using Trunkline.Dashboard.Data;
using Trunkline.Dashboard.Pages;

namespace Trunkline.Cli.Tests.Dashboard;

public sealed class OverviewPageTests
{
    private const string Hostile = "\"><script>alert(1)</script><img src=x onerror=alert(1)>";

    private static readonly DateTimeOffset Now = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    private static readonly Overview Nothing = new()
    {
        Now = Now,
        Node = new Loaded<NodeView>(new NodeView("0.1.0", "embedded", [], 1, Now.AddHours(-1)), null),
        Topics = new Loaded<IReadOnlyList<TopicView>>([], null),
        Flows = new Loaded<IReadOnlyList<FlowView>>([], null),
        Models = new Loaded<IReadOnlyList<ModelView>>([], null),
        DeadLetters = new Loaded<DeadLetterPage>(new DeadLetterPage([], null, 0), null),
    };

    [Fact]
    public async Task Hostile_names_and_details_stay_text()
    {
        var trouble = new TroubleView(Hostile, Hostile, Now);
        var html = await RenderAsync(Nothing with
        {
            Node = new Loaded<NodeView>(new NodeView(Hostile, Hostile, [], 1, Now), null),
            Topics = new([new TopicView { Name = Hostile, Durability = Hostile, Owner = Hostile }], null),
            Flows = new([new FlowView { Name = Hostile, State = Hostile, From = Hostile, Steps = [Hostile], Owner = Hostile, Sinks = [new SinkView(Hostile, Hostile, Hostile, 1, 1, trouble)], Trouble = trouble }], null),
            Models = new([new ModelView(Hostile, Hostile, Hostile, [Hostile])], null),
            DeadLetters = new(new DeadLetterPage([Letter()], null, 1), null),
        });
        Assert.DoesNotContain("<script>alert", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", html, StringComparison.Ordinal);
        Assert.Contains("&lt;script>", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_node_teaches_what_to_do()
    {
        var html = await RenderAsync(Nothing);
        Assert.Contains("trunkline apply", html, StringComparison.Ordinal);
        Assert.Contains("trunkline publish", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_read_leaves_the_rest_readable()
    {
        var html = await RenderAsync(Nothing with
        {
            Flows = new Loaded<IReadOnlyList<FlowView>>(null, "The token lacks the scope."),
            Topics = new([new TopicView { Name = "mail.received", Durability = "sync" }], null),
        });
        Assert.Contains("The token lacks the scope.", html, StringComparison.Ordinal);
        Assert.Contains("mail.received", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_flow_passes_on_is_not_counted_as_coming_in_again()
    {
        var html = await RenderAsync(Nothing with
        {
            Topics = new([new TopicView { Name = "in", Durability = "sync", AppendRate = 40 }, new TopicView { Name = "out", Durability = "sync", AppendRate = 40 }], null),
            Flows = new([new FlowView { Name = "f", State = "running", From = "topic:in", Sinks = [new SinkView("out", "topic", "out", 0, 0, null)] }], null),
        });
        Assert.Contains("40 <small>messages/s", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_section_has_a_heading_that_names_it_and_every_live_part_an_id()
    {
        var html = await RenderAsync(Nothing);
        Assert.All(["flows", "topics", "models", "dead"], id => Assert.Contains($"id=\"{id}-title\"", html, StringComparison.Ordinal));
        Assert.All(html.Split('<').Where(tag => tag.Contains("data-live", StringComparison.Ordinal)), tag => Assert.Contains("id=\"", tag, StringComparison.Ordinal));
        Assert.DoesNotContain("style=", html, StringComparison.Ordinal);
        Assert.DoesNotContain("onclick=", html, StringComparison.Ordinal);
    }

    private static DeadLetterView Letter() => new()
    {
        Flow = Hostile,
        Cause = Hostile,
        Detail = Hostile,
        Step = Hostile,
        Position = Hostile,
        Event = new EventView { Id = Hostile, Source = "/", Type = "t", AppendedAt = Now },
    };

    private static Task<string> RenderAsync(Overview overview) => Pages.RenderAsync<OverviewPage>(nameof(OverviewPage.Board), overview);
}
