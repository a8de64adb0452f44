using Trunkline.Messaging;
using Trunkline.Server.Configuration;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Tests.Steps;

public sealed class ProjectPipelineTests
{
    [Fact]
    public async Task Map_then_filter_gives_the_new_body_to_the_sink()
    {
        var factory = Pipelines.Factory([Pipelines.Map("({ ...message, seenAt: meta.time })"), Pipelines.Filter("message.amount > 10")]);

        Assert.Equal("""{"amount":11,"seenAt":"2026-03-01T12:00:00.000Z"}""", await factory.BodyAsync(Pipelines.Json("""{ "amount": 11 }""")));
        Assert.Equal("filter-1", Assert.IsType<PipelineResult.Filtered>(await factory.RunAsync(Pipelines.Json("""{"amount":10}"""))).Step);
    }

    [Fact]
    public async Task The_first_branch_that_holds_takes_the_message_and_no_branch_filters_it()
    {
        var factory = Pipelines.Factory([], Pipelines.To("low", "message.n < 5"), Pipelines.To("mid", "message.n < 10"));

        Assert.Equal(0, Assert.IsType<PipelineResult.Delivered>(await factory.RunAsync(Pipelines.Json("""{"n":1}"""))).Branch);
        var mid = Assert.IsType<PipelineResult.Delivered>(await factory.RunAsync(Pipelines.Json("""{"n":7}""")));
        Assert.Equal((1, 1), (mid.Branch, Assert.Single(mid.Outputs).Sink));
        Assert.Equal("branch", Assert.IsType<PipelineResult.Filtered>(await factory.RunAsync(Pipelines.Json("""{"n":70}"""))).Step);
    }

    [Fact]
    public async Task An_output_names_where_it_comes_from()
    {
        var incoming = new Message
        {
            Id = new MessageId("m-1"),
            Source = "/orders",
            Key = MessageKey.FromText("k"),
            Time = Pipelines.Noon.AddHours(-1),
            ContentType = "application/json",
            Payload = "{}"u8.ToArray(),
            Headers = Headers.Of(
                new Header(HeaderNames.TraceParent, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
                new Header(HeaderNames.Tenant, "acme"),
                new Header(HeaderNames.Priority, "2"),
                new Header("x-private", "stays behind")),
        };
        var result = Assert.IsType<PipelineResult.Delivered>(await Pipelines.Factory([]).RunAsync(incoming));
        var output = Assert.Single(result.Outputs).Message;

        Assert.Equal("trunkline:flow/triage", output.Source);
        Assert.Equal(incoming.Time, output.Time);
        Assert.Equal(incoming.Key, output.Key);
        Assert.Equal("triage", output.Headers.Text(HeaderNames.Flow));
        Assert.Equal("7-abc", output.Headers.Text(HeaderNames.Revision));
        Assert.Equal("in/3/42", output.Headers.Text(HeaderNames.Position));
        Assert.Equal("acme", output.Headers.Text(HeaderNames.Tenant));
        Assert.Equal("2", output.Headers.Text(HeaderNames.Priority));
        Assert.Null(output.Headers.Text(HeaderNames.Models));
        Assert.Null(output.Headers.Text("x-private"));
        Assert.Matches("^00-4bf92f3577b34da6a3ce929d0e0e4736-[0-9a-f]{16}-01$", output.Headers.Text(HeaderNames.TraceParent));
        Assert.DoesNotContain("00f067aa0ba902b7", output.Headers.Text(HeaderNames.TraceParent), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("00-00000000000000000000000000000000-00f067aa0ba902b7-01")]
    [InlineData("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01")]
    [InlineData("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")]
    public async Task A_missing_or_broken_traceparent_begins_a_trace(string? broken)
    {
        var incoming = new Message
        {
            Id = new MessageId("m-1"),
            Payload = "{}"u8.ToArray(),
            Headers = broken is null ? Headers.Empty : Headers.Of(new Header(HeaderNames.TraceParent, broken)),
        };
        var result = Assert.IsType<PipelineResult.Delivered>(await Pipelines.Factory([]).RunAsync(incoming));

        Assert.Matches("^00-[0-9a-f]{32}-[0-9a-f]{16}-00$", Assert.Single(result.Outputs).Message.Headers.Text(HeaderNames.TraceParent));
    }

    [Fact]
    public async Task Ids_repeat_with_the_message_and_differ_between_sources_sinks_and_messages()
    {
        var factory = Pipelines.Factory([], new BranchConfig(
            null, [new TopicSinkConfig("a", "a", null, Pipelines.Here), new TopicSinkConfig("b", "b", null, Pipelines.Here)], Pipelines.Here));
        async Task<string[]> IdsAsync(string source, string id, int attempt) =>
            [.. Assert.IsType<PipelineResult.Delivered>(await factory.RunAsync(
                new Message { Source = source, Id = new MessageId(id), Payload = "{}"u8.ToArray() }, attempt)).Outputs.Select(o => o.Message.Id.Value)];

        var first = await IdsAsync("s", "1", 1);
        Assert.Equal(first, await IdsAsync("s", "1", 2));
        Assert.Equal(2, first.Distinct().Count());
        Assert.DoesNotContain((await IdsAsync("s", "2", 1))[0], first);
        Assert.DoesNotContain((await IdsAsync("s1", "", 1))[0], first);
        Assert.NotEqual(await IdsAsync("a", "bc", 1), await IdsAsync("ab", "c", 1));
    }

    [Fact]
    public async Task A_flow_that_only_passes_on_keeps_the_bytes()
    {
        var incoming = new Message { Payload = new byte[] { 0xff, 0x00, 0xfe }, ContentType = "application/octet-stream" };
        var output = Assert.Single(Assert.IsType<PipelineResult.Delivered>(await Pipelines.Factory([]).RunAsync(incoming)).Outputs).Message;

        Assert.Equal(incoming.Payload, output.Payload);
        Assert.Equal("application/octet-stream", output.ContentType);
    }

    [Theory]
    [InlineData("message.c", "\"x-1\"", "x-1")]
    [InlineData("message.c", "42", "42")]
    [InlineData("message.c", "9007199254740993", "9007199254740993")]
    [InlineData("message.c", "null", null)]
    [InlineData("message.d", "1", null)]
    public async Task A_sink_can_choose_the_key(string expression, string value, string? key)
    {
        var factory = Pipelines.Factory([], Pipelines.To("out", key: expression));
        var result = Assert.IsType<PipelineResult.Delivered>(await factory.RunAsync(Pipelines.Json($$"""{"c":{{value}}}""")));

        Assert.Equal(key, Assert.Single(result.Outputs).Message.Key?.ToString());
    }

    [Fact]
    public async Task A_failing_step_is_named_with_its_place_and_without_the_payload()
    {
        var fault = await Pipelines.Factory([Pipelines.Map("message"), Pipelines.Map("message.secret.missing.deeper", "enrich")])
            .FaultAsync(Pipelines.Json("""{"secret":{"hunter2":1}}"""));

        Assert.Equal(("step.expression-failed", "enrich", FaultClass.Terminal), (fault.Code, fault.Step, fault.Class));
        Assert.Contains("TypeError", fault.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", fault.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_an_expression_throws_itself_is_not_told()
    {
        var fault = await Pipelines.Factory([Pipelines.Map("(() => { throw new Error(message.secret) })()")])
            .FaultAsync(Pipelines.Json("""{"secret":"hunter2"}"""));

        Assert.DoesNotContain("hunter2", fault.Detail, StringComparison.Ordinal);
    }
}
