using Trunkline.Client.Api;
using Trunkline.Dashboard.Data;
using Trunkline.Dashboard.Pages;

namespace Trunkline.Cli.Tests.Dashboard;

/// <summary>The pages on one flow, one topic, and on changes.</summary>
public sealed class DetailPageTests
{
    private const string Hostile = "\"><script>alert(1)</script><img src=x onerror=alert(1)>";

    private static readonly DateTimeOffset Now = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);
    private static readonly Loaded<NodeView> Node = new(new NodeView("0.1.0", "embedded", [], 1, Now.AddHours(-1)), null);

    [Theory]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "0af7651916cd43dd8448eb211c80319c")]
    [InlineData("00-not-a-trace", null)]
    [InlineData("<script>", null)]
    [InlineData(null, null)]
    public void A_dead_letter_leads_to_the_trace_its_context_names(string? context, string? trace) => Assert.Equal(trace, LetterBoard.TraceOf(context));

    [Fact]
    public async Task A_flow_tells_what_it_has_in_hand_how_its_sinks_do_and_what_changed()
    {
        var flow = new FlowView
        {
            Name = "triage",
            State = "running",
            From = "topic:mail.received",
            ParkedKeys = 3,
            Sinks =
            [
                new SinkView("mail.inbox", "topic", "mail.inbox", 0, 12_345, null),
                new SinkView("hook", "webhook", "https://example.org/in", 7, 1, new TroubleView("sink.refused", "It answers 503.", Now), new BreakerView("open", 5, Now, Now.AddSeconds(30))),
            ],
        };
        var figures = new FidelityFigures { Due = 10, Fidelity = 0.99999, Delivered = 1, Once = 1, InOrder = 1, InTime = 1, Intended = 1 };
        var html = await Pages.RenderAsync<FlowPage>("Board", new FlowBoard(
            Now, "triage", Node, new(flow, null), new(new FidelityList(Now.AddDays(-1), Now, [new FlowFidelity("triage", null, figures, [])]), null), new([Change("flow:triage")], null)));
        foreach (var shown in new[] { "12,345", "open, next try 2026-01-31T12:00:30Z", "It answers 503.", "99.99 %", "href=\"/topics/mail.received\"", "href=\"/dead?flow=triage\"", "flow:triage" })
        {
            Assert.Contains(shown, html, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_topic_tells_who_reads_it_and_its_newest_messages_without_their_payloads()
    {
        var topic = new TopicView
        {
            Name = "mail.received",
            Durability = "sync",
            RetentionAgeMs = 3_600_000,
            DedupeWindowMs = 60_000,
            Groups = [new GroupView("flow.triage", 5, [new GroupPartitionView(0, 37, 5, Now.AddSeconds(-90))])],
            Partitions = [new PartitionView(0, 2, 42, 4_200, Now)],
        };
        var message = new EventView { Id = "m 1", Source = "test", Type = "t", Offset = 41, AppendedAt = Now, Data = System.Text.Json.JsonSerializer.SerializeToElement("secret") };
        var html = await Pages.RenderAsync<TopicPage>("Board", new TopicBoard(Now, "mail.received", Node, new(topic, null), new([message], null)));
        foreach (var shown in new[] { "for 1 h", "within 1 min", "flow.triage", "0: 37 (5)", "1 min ago", "href=\"/journey?by=id&value=m%201\"", "trunkline tail mail.received" })
        {
            Assert.Contains(shown, html, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("secret", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changes_are_found_by_what_they_name()
    {
        var changes = new Loaded<ChangeList>(new ChangeList([Change("flow:triage"), Change("topic:mails")], null), null);
        var html = await Pages.RenderAsync<ChangesPage>("Board", new ChangesBoard(Now, "TRIAGE", Node, changes));
        Assert.Contains("flow:triage", html, StringComparison.Ordinal);
        Assert.DoesNotContain("topic:mails", html, StringComparison.Ordinal);
        Assert.Contains("None of the newest", await Pages.RenderAsync<ChangesPage>("Board", new ChangesBoard(Now, "nothing", Node, changes)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_there_or_not_readable_is_told()
    {
        var gone = "There is no flow 'x'.";
        Assert.Contains("no flow 'x'", await Pages.RenderAsync<FlowPage>("Board", new FlowBoard(Now, "x", Node, new(null, gone), new(null, gone), new(null, gone))), StringComparison.Ordinal);
        Assert.Contains("no flow 'x'", await Pages.RenderAsync<TopicPage>("Board", new TopicBoard(Now, "x", Node, new(null, gone), new(null, null))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hostile_names_stay_text()
    {
        var trouble = new TroubleView(Hostile, Hostile, Now);
        var flow = new FlowView { Name = Hostile, State = Hostile, From = Hostile, Group = Hostile, Models = [Hostile], Sinks = [new SinkView(Hostile, Hostile, Hostile, 1, 1, trouble, new BreakerView(Hostile, 1, Now, null))] };
        var topic = new TopicView { Name = Hostile, Durability = Hostile, Subject = Hostile, Owner = Hostile, Groups = [new GroupView(Hostile, 1, [])] };
        var message = new EventView { Id = Hostile, Source = Hostile, Type = Hostile, PartitionKey = Hostile, DataContentType = Hostile };
        string[] pages =
        [
            await Pages.RenderAsync<FlowPage>("Board", new FlowBoard(Now, Hostile, Node, new(flow, null), new(null, Hostile), new([Change(Hostile)], null))),
            await Pages.RenderAsync<TopicPage>("Board", new TopicBoard(Now, Hostile, Node, new(topic, null), new([message], null))),
            await Pages.RenderAsync<ChangesPage>("Board", new ChangesBoard(Now, "", Node, new(new ChangeList([Change(Hostile)], null), null))),
        ];
        Assert.All(pages, html =>
        {
            Assert.DoesNotContain("<script>alert", html, StringComparison.Ordinal);
            Assert.DoesNotContain("<img", html, StringComparison.Ordinal);
            Assert.DoesNotContain("style=", html, StringComparison.Ordinal);
        });
    }

    private static ChangeView Change(string target) => new("1", Now, "ada", "applied", target, "1", "2", null);
}
