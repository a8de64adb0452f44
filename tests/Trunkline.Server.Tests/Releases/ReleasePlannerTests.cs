using System.Text;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Consuming;
using Trunkline.Server.Releases;
using Trunkline.Server.Tests.Configuration;

namespace Trunkline.Server.Tests.Releases;

public sealed class ReleasePlannerTests : IAsyncDisposable
{
    private readonly ReleaseDesk _desk = new();

    public ValueTask DisposeAsync() => _desk.DisposeAsync();

    [Fact]
    public async Task A_plan_says_what_is_added_changed_and_removed()
    {
        var plan = await PlanAsync(
            "topics: { a: {}, b: {}, old: {} }\nmodels: { m: { kind: lexicon } }\nflows: { f: { from: { topic: a }, steps: [ { map: x } ], to: { topic: b } } }",
            "topics: { a: { retention: 7d }, b: {}, new: {} }\nflows: { f: { from: { topic: a }, steps: [ { map: y } ], to: { topic: b } } }");

        Assert.Equal(
            ["~ topic a: retention.age: none -> 7d", "+ topic new", "~ flow f: steps[1].map: x -> y", "- topic old", "- model m"],
            plan.Entries.Select(e => e.ToString()));
        Assert.Empty(plan.Refusals);
    }

    [Fact]
    public async Task A_no_op_has_an_empty_plan() => Assert.Empty((await PlanAsync(Projects.Working, "# remark\n" + Projects.Working)).Entries);

    [Fact]
    public async Task Secrets_are_told_apart_but_not_shown()
    {
        var before = _desk.Load(ReleaseDesk.Files(Projects.Working)).Config!;
        _desk.Variables["OPENAI_TOKEN"] = "sk-other";
        _desk.Variables["HOOK_SECRET"] = "whsec_other";
        var after = _desk.Load(ReleaseDesk.Files(Projects.Working)).Config!;
        var plan = await Planner().PlanAsync(before, after, TestContext.Current.CancellationToken);

        Assert.Equal(["~ model reply: token: *** -> ***", "~ flow triage: branch[2].to[2].webhook.secret: *** -> ***"], plan.Entries.Select(e => e.ToString()));
    }

    [Fact]
    public async Task The_number_of_partitions_cannot_change_not_even_by_force()
    {
        await _desk.StartAsync("topics: { a: { partitions: 4 } }");

        var plan = await PlanAsync("topics: { a: { partitions: 4 } }", "topics: { a: { partitions: 8 } }");

        var refusal = Assert.Single(plan.Refusals);
        Assert.Equal(("topic", "a", false), (refusal.Kind, refusal.Name, refusal.CanForce));
        Assert.False(plan.IsAllowed(force: true));
    }

    [Fact]
    public async Task A_topic_with_unread_messages_leaves_only_by_force()
    {
        await _desk.StartAsync("topics: { a: { partitions: 1 } }");
        await _desk.PublishAsync("a", 3);

        var plan = await PlanAsync("topics: { a: { partitions: 1 } }", "");
        Assert.False(plan.IsAllowed(force: false));
        Assert.True(plan.IsAllowed(force: true));
        Assert.Contains("3 unread messages", Assert.Single(plan.Refusals).Reason, StringComparison.Ordinal);

        await ReadAllAsync("a", 3);
        Assert.Empty((await PlanAsync("topics: { a: { partitions: 1 } }", "")).Refusals);
    }

    [Fact]
    public async Task A_sink_with_messages_to_deliver_leaves_only_by_force()
    {
        const string With = "topics: { a: {}, b: {} }\nflows: { f: { from: { topic: a }, to: [ { topic: b }, { webhook: 'https://example.com/' } ] } }";
        const string Without = "topics: { a: {}, b: {} }\nflows: { f: { from: { topic: a }, to: [ { topic: b } ] } }";
        await _desk.StartAsync(With);
        Assert.Empty((await PlanAsync(With, Without)).Refusals);

        await _desk.PublishAsync("trunkline.outbox.f.webhook-1", 2);
        var refusal = Assert.Single((await PlanAsync(With, Without)).Refusals);
        Assert.True(refusal.CanForce);
        Assert.Contains("'webhook-1' has 2 messages", refusal.Reason, StringComparison.Ordinal);
    }

    private ReleasePlanner Planner() => new(_desk.Broker, new ProjectFacts(Encoding.ASCII.GetBytes("salt"), _ => null));

    private Task<ReleasePlan> PlanAsync(string before, string after) =>
        Planner().PlanAsync(_desk.Load(ReleaseDesk.Files(before)).Config!, _desk.Load(ReleaseDesk.Files(after)).Config!, TestContext.Current.CancellationToken);

    private async Task ReadAllAsync(string topic, long next)
    {
        await using var subscription = await _desk.Broker.SubscribeAsync(new SubscribeOptions { Topic = topic, Group = "g" }, TestContext.Current.CancellationToken);
        while (await subscription.ReceiveAsync(10, TestContext.Current.CancellationToken) is not SubscriptionEvent.Delivered)
        {
        }

        await _desk.Broker.CommitAsync(
            new CommitUnit { Fence = subscription.Fence, Positions = [new PositionUpdate(topic, 0, new Progress(next, []))] }, TestContext.Current.CancellationToken);
    }
}
