using Trunkline.Server.Flows.Code;
using Trunkline.Server.Readers;
using Trunkline.Server.Tests.Configuration;

namespace Trunkline.Server.Tests.Readers;

/// <summary>What flows are learned to read.</summary>
public sealed class FlowReadsTests
{
    [Fact]
    public void Members_are_found_in_expressions_templates_and_keys_and_methods_are_no_fields() => Assert.Equal(
        ["customer.tier", "id", "lines.*.sku", "subject", "text", "title.*"],
        Fields("""
            steps:
              - filter: message.text.includes('x') && message['customer'].tier !== 'free'
              - infer: { model: m, input: message.text, output: mood }
            branch:
              - when: message.mood.score > 0.5 && message.lines[0].sku
                to: { slack: { url: "https://hooks.example.com/x", text: "{{ message.subject | upcase }} {{ message.title[0] }}" } }
              - otherwise: true
                to: { topic: out, key: message.id }
            """));

    [Fact]
    public void What_steps_put_into_the_body_is_not_the_topics_and_a_new_body_ends_it() => Assert.Equal(
        ["a", "b", "c.length2"],
        Fields("""
            steps:
              - map: "({ ...message, total: message.a + message.b })"
              - filter: message.total > 1 && message.c?.length2
              - map: "({ text: message.total })"
              - filter: message.other
            to: { topic: out }
            """));

    [Fact]
    public void A_flow_that_spreads_the_body_passes_it_on_and_one_that_hands_it_out_reads_all_of_it()
    {
        var passes = Read("""
            steps: [ { map: "message.a ? ({ ...message, x: 1 }) : message" } ]
            to: { topic: out }
            """);
        Assert.Equal(["a"], passes.Fields);
        Assert.Equal(["out"], passes.PassesTo);
        Assert.Contains("", Fields("to: { webhook: { url: \"https://example.com/\" } }"));
        Assert.Contains("", Fields("""
            steps: [ { infer: { model: m, input: "JSON.stringify(message)", output: o } } ]
            to: { topic: out }
            """));
    }

    [Fact]
    public void A_typed_handler_reads_the_members_of_its_body_and_one_that_takes_anything_reads_all()
    {
        Assert.Equal(["id", "lines.*.sku", "notes.*", "when"], Fields(new Typed()));
        Assert.Equal([""], Fields(new Untyped()));
    }

    private sealed record Order(string Id, DateTime When, IReadOnlyList<Line> Lines, Dictionary<string, string> Notes);

    private sealed record Line(string Sku);

    private sealed class Typed : Flow<Order>
    {
        public override void Configure(FlowBuilder flow) => flow.FromTopic("in").ToTopic("out");

        public override ValueTask HandleAsync(FlowMessage<Order> message, FlowOutput output, CancellationToken cancellationToken) => ValueTask.CompletedTask;
    }

    private sealed class Untyped : Flow<System.Text.Json.JsonElement>
    {
        public override void Configure(FlowBuilder flow) => flow.FromTopic("in").ToTopic("out");

        public override ValueTask HandleAsync(FlowMessage<System.Text.Json.JsonElement> message, FlowOutput output, CancellationToken cancellationToken) => ValueTask.CompletedTask;
    }

    private static IReadOnlyList<string> Fields(Flow flow)
    {
        var bound = new CodeFlow(flow);
        Assert.Empty(bound.Bind(new Server.Configuration.ProjectConfig(), _ => null));
        return FlowReads.Of(bound.Config)!.Fields;
    }

    private static IReadOnlyList<string> Fields(string flow) => Read(flow).Fields;

    private static Reader Read(string flow)
    {
        var project = Projects.Valid($$"""
            topics: { in: {}, out: {} }
            models: { m: { kind: lexicon } }
            flows:
              f:
                from: { topic: in }
            {{string.Join('\n', flow.Split('\n').Select(line => "    " + line))}}
            """);
        return FlowReads.Of(project.Flows["f"])!;
    }
}
