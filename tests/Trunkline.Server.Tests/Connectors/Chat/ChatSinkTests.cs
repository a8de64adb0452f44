using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Trunkline.Core.Security;
using Trunkline.Messaging;
using Trunkline.Server.Configuration;
using Trunkline.Server.Connectors;
using Trunkline.Server.Connectors.Chat;
using Trunkline.Testing.Conformance.Connectors;

namespace Trunkline.Server.Tests.Connectors.Chat;

public sealed class SlackSinkConformanceTests : SinkConformance
{
    private readonly HttpClient _http = new(new OutgoingAddressPolicy().CreateHandler());
    private WebhookReceiver? _receiver;
    private volatile bool _down;

    public override async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (_receiver is not null)
        {
            await _receiver.DisposeAsync();
        }

        await base.DisposeAsync();
    }

    protected override async ValueTask<ISinkConnector> OpenAsync()
    {
        _receiver ??= await WebhookReceiver.StartAsync((context, _) =>
        {
            context.Response.StatusCode = _down ? StatusCodes.Status500InternalServerError : StatusCodes.Status200OK;
            return context.Response.WriteAsync(_down ? "rollup_error" : "ok");
        });
        return new ChatSink(new ChatSinkConfig("slack-1", ChatKind.Slack, new Secret(_receiver.Url.AbsoluteUri), """{"text":{{ message.text }}}""", default), _http, TimeProvider.System);
    }

    protected override ValueTask<IReadOnlyList<string>> ReceivedAsync() => new([.. _receiver!.Requests.Select(request => JsonDocument.Parse(request.Body).RootElement.GetProperty("text").GetString()!)]);

    protected override ValueTask<bool> SetDownAsync(bool down)
    {
        _down = down;
        return new(true);
    }
}

public sealed class ChatSinkTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Teams_gets_an_adaptive_card()
    {
        var (answer, body) = await SendAsync(ChatKind.Teams, "From {{ message.from }}", "{{ message.title }}", """{"from":"a*b","title":"Urgent"}""", 202);
        Assert.IsType<SinkAnswer.Sent>(answer);
        var card = body.GetProperty("attachments")[0];
        Assert.Equal("application/vnd.microsoft.card.adaptive", card.GetProperty("contentType").GetString());
        Assert.Equal("AdaptiveCard", card.GetProperty("content").GetProperty("type").GetString());
        Assert.Equal(["Urgent", "From a\\*b"], card.GetProperty("content").GetProperty("body").EnumerateArray().Select(block => block.GetProperty("text").GetString()));
    }

    [Fact]
    public async Task A_text_that_is_too_long_is_cut_between_two_characters()
    {
        var (answer, body) = await SendAsync(ChatKind.Slack, "{{ message.text }}", null, $$"""{"text":"{{string.Concat(Enumerable.Repeat("😀", 20_000))}}"}""", 200);
        Assert.IsType<SinkAnswer.Sent>(answer);
        var text = body.GetProperty("text").GetString()!;
        Assert.EndsWith("😀…", text, StringComparison.Ordinal);
        Assert.InRange(Encoding.UTF8.GetByteCount(text), 38_000, 39_010);
    }

    [Theory]
    [InlineData(200, "sent")]
    [InlineData(302, "refused")]
    [InlineData(404, "refused")]
    [InlineData(429, "later")]
    [InlineData(503, "later")]
    public async Task What_the_chat_answers_is_what_becomes_of_the_message(int status, string expected)
    {
        var (answer, _) = await SendAsync(ChatKind.Slack, "x", null, "{}", status);
        Assert.Equal(expected, answer.GetType().Name.ToLowerInvariant());
    }

    [Fact]
    public async Task A_message_no_text_can_be_made_of_is_refused_and_nothing_sent()
    {
        var (answer, _) = await SendAsync(ChatKind.Slack, "{{ message.text }}", null, "{}", 200);
        Assert.Equal("sink.template-failed", Assert.IsType<SinkAnswer.Refused>(answer).Code);
    }

    private static async Task<(SinkAnswer Answer, JsonElement Body)> SendAsync(ChatKind kind, string text, string? title, string body, int status)
    {
        await using var receiver = await WebhookReceiver.StartAsync((context, _) =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = "http://169.254.169.254/";
            return Task.CompletedTask;
        });
        using var http = new HttpClient(new OutgoingAddressPolicy().CreateHandler());
        var sink = new ChatSink(new ChatSinkConfig("chat", kind, new Secret(receiver.Url.AbsoluteUri), text, default) { Title = title }, http, TimeProvider.System);
        var answer = await sink.SendAsync(new SinkMessage(new Message { Payload = Encoding.UTF8.GetBytes(body) }, "id", 1), Cancel);
        return (answer, receiver.Requests.TryDequeue(out var got) ? JsonDocument.Parse(got.Body).RootElement : default);
    }
}
