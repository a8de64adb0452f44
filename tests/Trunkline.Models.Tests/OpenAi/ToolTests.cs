using System.Text.Json;
using Trunkline.Testing.Models;

namespace Trunkline.Models.Tests.OpenAi;

/// <summary>Calls of tools: told to the model and passed on only where they are allowed.</summary>
public sealed class ToolTests : IAsyncLifetime
{
    private const string Definitions = """
        [ {"name":"find_order","description":"Finds an order","parameters":{"type":"object","properties":{"number":{"type":"string"}}}}, {"name":"refund"} ]
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("trunkline-tools-").FullName;
    private ScriptedChatServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await ScriptedChatServer.StartAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_call_that_is_allowed_is_put_together_from_its_pieces_and_only_allowed_tools_are_told()
    {
        _server.Enqueue(Stream(
            """{"index":0,"id":"call-1","function":{"name":"find_order","arguments":""}}""", """{"index":0,"function":{"arguments":"{\"number\":"}}""", """{"index":0,"function":{"arguments":"\"17\"}"}}""",
            """{"index":1,"id":"call-2","function":{"name":"find_order","arguments":"{}"}}"""));
        var answer = await AskAsync("find_order");
        Assert.Equal("""[{"id":"call-1","name":"find_order","arguments":{"number":"17"}},{"id":"call-2","name":"find_order","arguments":{}}]""", answer.GetProperty("toolCalls").GetRawText());
        using var request = JsonDocument.Parse(Assert.Single(_server.Requests).Body);
        var tool = Assert.Single(request.RootElement.GetProperty("tools").EnumerateArray());
        Assert.Equal(("function", "find_order"), (tool.GetProperty("type").GetString(), tool.GetProperty("function").GetProperty("name").GetString()));
    }

    [Theory]
    [InlineData("refund", """{"index":0,"id":"1","function":{"name":"find_order","arguments":"{}"}}""")]
    [InlineData("refund", """{"index":0,"id":"1","function":{"arguments":"{}"}}""")]
    [InlineData("refund", """{"index":0,"id":"1","function":{"name":"refund","arguments":"{\"a\":"}}""")]
    [InlineData("refund", """{"index":0,"id":"1","function":{"name":"refund","arguments":"7"}}""")]
    [InlineData("refund", """{"index":5,"id":"1","function":{"name":"refund","arguments":"{}"}}""")]
    [InlineData("refund", """{"index":-1,"id":"1","function":{"name":"refund","arguments":"{}"}}""")]
    [InlineData("refund", """{"index":"x","id":"1","function":{"name":"refund","arguments":"{}"}}""")]
    [InlineData(null, """{"index":0,"id":"1","function":{"name":"refund","arguments":"{}"}}""")]
    public async Task A_call_that_is_not_allowed_or_broken_is_no_answer(string? allowed, string call)
    {
        _server.Enqueue(Stream(call));
        Assert.Equal(ModelFailure.Malformed, (await Assert.ThrowsAsync<ModelException>(() => AskAsync(allowed))).Failure);
    }

    [Fact]
    public async Task Without_a_call_nothing_of_tools_is_in_the_answer_and_without_permission_nothing_in_the_request()
    {
        _server.Enqueue(new ChatScript.Streamed("hello"), new ChatScript.Streamed("hello"));
        Assert.False((await AskAsync("refund")).TryGetProperty("toolCalls", out _));
        await AskAsync(null);
        using var request = JsonDocument.Parse(_server.Requests.Last().Body);
        Assert.False(request.RootElement.TryGetProperty("tools", out _));
    }

    [Fact]
    public async Task A_tool_that_is_allowed_but_not_defined_is_refused_before_the_call()
    {
        var refused = await Assert.ThrowsAsync<ModelException>(() => AskAsync("delete_all"));
        Assert.Equal(ModelFailure.Refused, refused.Failure);
        Assert.Contains("delete_all", refused.Message, StringComparison.Ordinal);
        Assert.Empty(_server.Requests);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("[{\"name\":\"a b\"}]")]
    [InlineData("[{\"name\":\"a\"},{\"name\":\"a\"}]")]
    [InlineData("[{\"name\":\"a\",\"parameters\":[]}]")]
    [InlineData("[7]")]
    [InlineData("not json")]
    public void Definitions_that_cannot_be_used_refuse_the_model(string definitions) =>
        Assert.Contains("'chat'", Assert.Throws<InvalidModelException>(() => Create(definitions)).Message, StringComparison.Ordinal);

    private static ChatScript.Raw Stream(params string[] calls) => new(
        string.Concat(calls.Select(call => $"data: {{\"choices\":[{{\"delta\":{{\"tool_calls\":[{call}]}}}}]}}\n\n")) + "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n\ndata: [DONE]\n\n");

    private async Task<JsonElement> AskAsync(string? tool)
    {
        await using var model = Create(Definitions);
        var answer = await model.InferAsync(new ModelRequest("\"hi\""u8.ToArray(), "k") { Tools = tool is null ? [] : [tool] }, TestContext.Current.CancellationToken);
        return JsonDocument.Parse(answer.Output).RootElement;
    }

    private IModel Create(string definitions)
    {
        var path = Path.Combine(_folder, "tools.json");
        File.WriteAllText(path, definitions);
        return ModelFactory.Create(new ModelOptions { Name = "chat", Kind = "openai", Endpoint = _server.Endpoint, Model = "small", Tools = path });
    }
}
