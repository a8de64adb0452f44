using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Trunkline.Testing.Models;

namespace Trunkline.Models.Tests.OpenAi;

public sealed class OpenAiModelTests : IAsyncLifetime
{
    private const string Token = "sk-very-secret-token";
    private const string Input = "a private question";

    private ScriptedChatServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await ScriptedChatServer.StartAsync(TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_streamed_answer_is_put_together_with_its_usage()
    {
        _server.Enqueue(new ChatScript.Streamed("Dear ", "Ann,\n", "grüße 😀"));
        await using var model = Create();

        var answer = await Ask.AnswerAsync(model, Input);

        Assert.Equal("Dear Ann,\ngrüße 😀", Ask.Json(answer).GetProperty("text").GetString());
        Assert.Equal("stop", Ask.Json(answer).GetProperty("finishReason").GetString());
        Assert.Equal((7, 3), (answer.InputTokens, answer.OutputTokens));
    }

    [Fact]
    public async Task A_server_that_does_not_stream_is_understood()
    {
        _server.Enqueue(new ChatScript.Whole("all at once"));
        await using var model = Create();

        var answer = await Ask.AnswerAsync(model, Input);

        Assert.Equal("all at once", Ask.Json(answer).GetProperty("text").GetString());
        Assert.Equal((7, 3), (answer.InputTokens, answer.OutputTokens));
    }

    [Fact]
    public async Task The_request_carries_model_instruction_input_token_and_idempotency_key()
    {
        _server.Enqueue(new ChatScript.Streamed("ok"), new ChatScript.Streamed("ok"));
        await using var model = Create(options => options with { System = "Be kind." });

        await Ask.AnswerAsync(model, Input);
        await model.InferAsync(new ModelRequest("{\"a\": [1]}"u8.ToArray(), "key-2"), TestContext.Current.CancellationToken);

        var first = JsonDocument.Parse(_server.Requests.First().Body).RootElement;
        Assert.Equal("small", first.GetProperty("model").GetString());
        Assert.True(first.GetProperty("stream").GetBoolean());
        Assert.Equal("Be kind.", first.GetProperty("messages")[0].GetProperty("content").GetString());
        Assert.Equal(Input, first.GetProperty("messages")[1].GetProperty("content").GetString());
        Assert.Equal($"Bearer {Token}", _server.Requests.First().Authorization);
        Assert.Equal("key-1", _server.Requests.First().IdempotencyKey);
        var second = JsonDocument.Parse(_server.Requests.Last().Body).RootElement;
        Assert.Equal("{\"a\": [1]}", second.GetProperty("messages")[1].GetProperty("content").GetString());
        Assert.Equal("key-2", _server.Requests.Last().IdempotencyKey);
    }

    [Theory]
    [InlineData(400, ModelFailure.Refused)]
    [InlineData(401, ModelFailure.Refused)]
    [InlineData(404, ModelFailure.Refused)]
    [InlineData(307, ModelFailure.Refused)]
    [InlineData(408, ModelFailure.Unavailable)]
    [InlineData(429, ModelFailure.RateLimited)]
    [InlineData(500, ModelFailure.Unavailable)]
    [InlineData(503, ModelFailure.Unavailable)]
    [InlineData(529, ModelFailure.Unavailable)]
    public async Task A_status_is_one_kind_of_failure_and_is_not_tried_again(int status, ModelFailure kind)
    {
        _server.Enqueue(new ChatScript.Status(status));
        await using var model = Create();

        var failure = await FailAsync(model);

        Assert.Equal(kind, failure.Failure);
        Assert.Single(_server.Requests);
    }

    [Theory]
    [InlineData("7", 7)]
    [InlineData("Thu, 01 Jan 2026 00:02:00 GMT", 120)]
    [InlineData("Thu, 01 Jan 2015 00:00:00 GMT", 0)]
    [InlineData("999999999", 3600)]
    [InlineData("soon", null)]
    [InlineData(null, null)]
    public async Task Retry_after_is_told_within_bounds(string? header, int? seconds)
    {
        _server.Enqueue(new ChatScript.Status(429, header));
        await using var model = Create(options => options with { Time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)) });

        var failure = await FailAsync(model);

        Assert.Equal(seconds is { } s ? TimeSpan.FromSeconds(s) : null, failure.RetryAfter);
    }

    [Theory]
    [InlineData("data: {not json\n\n")]
    [InlineData("data: []\n\n")]
    [InlineData("data: 7\n\n")]
    [InlineData("data: {}\n\n")]
    [InlineData("data: {\"choices\":{}}\n\n")]
    [InlineData("data: {\"choices\":[7]}\n\n")]
    [InlineData("data: {\"choices\":[{\"delta\":{\"content\":7}}]}\n\n")]
    [InlineData("data: {\"choices\":[{\"delta\":{\"content\":\"\\ud800\"}}]}\n\n")]
    [InlineData("data: {\"choices\":[]}\n\ndata: [DONE]\n\n")]
    [InlineData("data: [DONE]\n\n")]
    [InlineData("data: \u0000\u0001\n\n")]
    public async Task An_answer_that_breaks_the_protocol_is_malformed(string body)
    {
        _server.Enqueue(new ChatScript.Raw(body));
        await using var model = Create();

        Assert.Equal(ModelFailure.Malformed, (await FailAsync(model)).Failure);
    }

    [Fact]
    public async Task A_page_instead_of_an_answer_is_malformed()
    {
        var depth = string.Concat(Enumerable.Repeat("[", 10_000));
        _server.Enqueue(new ChatScript.Raw($"data: {{\"choices\":{depth}\n\n"), new ChatScript.Whole("\u0000"));
        await using var model = Create();

        Assert.Equal(ModelFailure.Malformed, (await FailAsync(model)).Failure);
        Assert.Equal("\u0000", (await Ask.AboutAsync(model, Input)).GetProperty("text").GetString());
    }

    [Fact]
    public async Task An_answer_cut_in_the_middle_is_no_answer()
    {
        _server.Enqueue(new ChatScript.Cut("half an"), new ChatScript.Raw("data: {\"choices\":[{\"delta\":{\"content\":\"half\"}}]}\n\n"), new ChatScript.Raw(""));
        await using var model = Create();

        Assert.Equal(ModelFailure.Unavailable, (await FailAsync(model)).Failure);
        Assert.Equal(ModelFailure.Unavailable, (await FailAsync(model)).Failure);
        Assert.Equal(ModelFailure.Unavailable, (await FailAsync(model)).Failure);
    }

    [Fact]
    public async Task An_error_in_the_stream_is_unavailable()
    {
        _server.Enqueue(new ChatScript.Raw("data: {\"error\":{\"message\":\"overloaded\"}}\n\n"));
        await using var model = Create();

        Assert.Equal(ModelFailure.Unavailable, (await FailAsync(model)).Failure);
    }

    [Fact]
    public async Task Endless_answers_are_given_up_at_the_bound()
    {
        _server.Enqueue(new ChatScript.Endless("word "), new ChatScript.Endless("data: xxxxxxxxxxxxxxxx", Framed: false), new ChatScript.Endless(""));
        await using var model = Create(options => options with { AnswerBytesMax = 10_000 });

        Assert.Equal(ModelFailure.Malformed, (await FailAsync(model)).Failure);
        Assert.Equal(ModelFailure.Malformed, (await FailAsync(model)).Failure);
        Assert.Equal(ModelFailure.Malformed, (await FailAsync(model)).Failure);
    }

    [Fact]
    public async Task Silence_before_or_in_an_answer_ends_with_the_timeout()
    {
        _server.Enqueue(new ChatScript.Silent(), new ChatScript.Stalled("Dear "));
        await using var model = Create(options => options with { Timeout = TimeSpan.FromMilliseconds(300) });

        Assert.Equal(ModelFailure.Timeout, (await FailAsync(model)).Failure);
        Assert.Equal(ModelFailure.Timeout, (await FailAsync(model)).Failure);
    }

    [Fact]
    public async Task Cancelling_ends_the_call_as_cancelled()
    {
        _server.Enqueue(new ChatScript.Stalled("Dear "));
        await using var model = Create();
        using var cancel = new CancellationTokenSource();
        var call = model.InferAsync(new ModelRequest("\"x\""u8.ToArray(), "k"), cancel.Token).AsTask();
        while (_server.Requests.Count == 0)
        {
            await Task.Yield();
        }

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    [Fact]
    public async Task An_endpoint_that_is_not_there_is_unavailable()
    {
        await using var model = Create(options => options with { Endpoint = new Uri("http://127.0.0.1:1/v1") });

        Assert.Equal(ModelFailure.Unavailable, (await FailAsync(model)).Failure);
    }

    [Fact]
    public async Task The_handler_given_sends_the_requests_and_stays_open()
    {
        using var handler = new RefusingHandler();
        await using (var model = Create(options => options with { Handler = handler }))
        {
            Assert.Equal(ModelFailure.Unavailable, (await FailAsync(model)).Failure);
        }

        Assert.False(handler.IsDisposed);
        Assert.Empty(_server.Requests);
    }

    [Theory]
    [InlineData(null, "small", "endpoint")]
    [InlineData("ftp://host/v1", "small", "endpoint")]
    [InlineData("http://host/v1", null, "model")]
    public void Missing_settings_are_named(string? endpoint, string? model, string key)
    {
        var options = new ModelOptions { Name = "reply", Kind = "openai", Endpoint = endpoint is null ? null : new Uri(endpoint), Model = model };

        Assert.Contains($"'{key}'", Assert.Throws<InvalidModelException>(() => ModelFactory.Create(options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_with_a_line_end_is_refused_without_showing_it()
    {
        var options = new ModelOptions { Name = "reply", Kind = "openai", Endpoint = _server.Endpoint, Model = "small", Token = "secret\n" };

        Assert.DoesNotContain("secret", Assert.Throws<InvalidModelException>(() => ModelFactory.Create(options)).ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", options.ToString(), StringComparison.Ordinal);
    }

    private IModel Create(Func<ModelOptions, ModelOptions>? change = null)
    {
        var options = new ModelOptions { Name = "reply", Kind = "openai", Endpoint = _server.Endpoint, Model = "small", Token = Token };
        return ModelFactory.Create(change?.Invoke(options) ?? options);
    }

    /// <summary>Asks, expects a failure, and sees that it tells nothing it must not.</summary>
    private static async Task<ModelException> FailAsync(IModel model)
    {
        var failure = await Assert.ThrowsAsync<ModelException>(async () => await Ask.AnswerAsync(model, Input));
        Assert.DoesNotContain(Token, failure.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Input, failure.ToString(), StringComparison.Ordinal);
        return failure;
    }

    private sealed class RefusingHandler : HttpMessageHandler
    {
        public bool IsDisposed { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            throw new HttpRequestException("refused by the handler");

        protected override void Dispose(bool disposing)
        {
            IsDisposed = true;
            base.Dispose(disposing);
        }
    }
}
