using System.Text;
using System.Text.Json;
using Trunkline.Cli.Demo;
using Trunkline.Models;

namespace Trunkline.Cli.Tests.Demo;

public sealed class CannedModelServerTests
{
    [Fact]
    public async Task The_openai_model_gets_a_labelled_draft_that_names_the_subject()
    {
        await using var server = await CannedModelServer.StartAsync(0, TestContext.Current.CancellationToken);
        await using var model = ModelFactory.Create(new ModelOptions { Name = "reply", Kind = "openai", Endpoint = server.Endpoint, Model = "small" });

        var answer = await model.InferAsync(
            new ModelRequest(JsonSerializer.SerializeToUtf8Bytes("Wasser „überall“\n\nHelp!"), "key"), TestContext.Current.CancellationToken);

        var text = JsonDocument.Parse(answer.Output).RootElement.GetProperty("text").GetString()!;
        Assert.StartsWith("[canned", text, StringComparison.Ordinal);
        Assert.Contains("Wasser „überall“", text, StringComparison.Ordinal);
        Assert.Equal(1, server.Answers);
        Assert.True(answer.OutputTokens > 0);
    }

    [Theory]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}", 200)]
    [InlineData("{\"messages\":7}", 400)]
    [InlineData("{\"messages\":[]}", 400)]
    [InlineData("[]", 400)]
    [InlineData("{", 400)]
    public async Task A_whole_answer_is_given_where_no_stream_is_asked_for_and_nonsense_is_refused(string body, int status)
    {
        await using var server = await CannedModelServer.StartAsync(0, TestContext.Current.CancellationToken);
        using var http = new HttpClient();

        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await http.PostAsync(new Uri(server.Endpoint + "/chat/completions"), content, TestContext.Current.CancellationToken);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType!.MediaType);
    }
}
