using Trunkline.Client;
using Trunkline.Server.Effects;
using Trunkline.Server.Steps;
using Trunkline.Server.Tests.Flows;
using Trunkline.Server.Tests.Hosting;
using Trunkline.Server.Tests.Steps;
using Trunkline.Testing.Models;

namespace Trunkline.Server.Tests.Inference;

/// <summary>Tools a step allows its model to call.</summary>
public sealed class ToolStepTests
{
    private const string Call = """{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"c1","function":{"name":"find_order","arguments":"{\"number\":\"17\"}"}}]},"finish_reason":"tool_calls"}]}""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_model_is_told_of_the_tools_its_step_allows_and_of_no_other_steps()
    {
        var model = new ScriptedModel("{}");
        var flow = Pipelines.Factory(
            [Pipelines.Infer("message.text", "a", "first") with { Tools = ["find_order"] }, Pipelines.Infer("message.text", "b", "second")], [], new EffectPort(), model);
        Assert.IsType<PipelineResult.Delivered>(await flow.RunAsync(Pipelines.Json("""{"text":"hi"}""")));
        Assert.Equal([["find_order"], []], model.Requests.Select(r => r.Tools));
        Assert.Equal(2, model.Requests.Select(r => r.IdempotencyKey).Distinct().Count());
    }

    [Fact]
    public async Task The_same_question_with_other_tools_is_another_question()
    {
        var model = new ScriptedModel("{}");
        foreach (var tools in new[] { Array.Empty<string>(), ["find_order"], ["refund"] })
        {
            var flow = Pipelines.Factory([Pipelines.Infer("message.text", "a") with { Tools = tools }], [], new EffectPort(), model);
            await flow.RunAsync(Pipelines.Json("""{"text":"hi"}"""));
        }

        Assert.Equal(3, model.Requests.Select(r => r.IdempotencyKey).Distinct().Count());
    }

    [Fact]
    public async Task In_a_project_a_call_that_is_allowed_is_in_the_body_and_one_that_is_not_is_a_dead_letter()
    {
        await using var server = await ScriptedChatServer.StartAsync(Cancel);
        server.Enqueue(Enumerable.Repeat(new ChatScript.Raw($"data: {Call}\n\ndata: [DONE]\n\n"), 8).ToArray<ChatScript>());
        await using var node = new NodeFixture("tools", $$"""
            node: { allowAddresses: ["127.0.0.1/32"] }
            topics: { in: {}, out: {} }
            models: { reply: { kind: openai, endpoint: "{{server.Endpoint}}", model: small, tools: tools.json } }
            flows:
              allowed:
                from: { topic: in }
                steps: [ { parse: json }, { infer: { model: reply, input: message.text, output: reply, tools: [ find_order ] } } ]
                to: { topic: out }
              refused:
                from: { topic: in }
                steps: [ { parse: json }, { infer: { model: reply, input: message.text, output: reply } } ]
                to: { topic: out }
            """);
        await File.WriteAllTextAsync(Path.Combine(node.Folder, "tools.json"), """[{"name":"find_order","parameters":{"type":"object"}}]""", Cancel);
        await node.StartAsync();
        await node.PublishAsync("in", """{"text":"where is order 17?"}""");
        await Eventually.HoldsAsync(async () => (await node.Client.GetTopicAsync("out", Cancel)).Messages == 1, "the answer is there", 90);
        var stored = Assert.Single((await node.Client.ReadAsync("out", ReadFrom.Earliest, 10, Cancel)).Messages);
        var call = stored.Data!.Value.GetProperty("reply").GetProperty("toolCalls")[0];
        Assert.Equal(("find_order", "17"), (call.GetProperty("name").GetString(), call.GetProperty("arguments").GetProperty("number").GetString()));
        await Eventually.HoldsAsync(async () => (await node.Client.ListDeadLettersAsync("refused", 10, Cancel)).DeadLetters.Count == 1, "the other is a dead letter", 90);
    }
}
