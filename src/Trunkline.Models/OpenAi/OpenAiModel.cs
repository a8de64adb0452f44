using System.Net.Http.Headers;
using System.Net.ServerSentEvents;

namespace Trunkline.Models.OpenAi;

/// <summary>
/// Any endpoint that speaks OpenAI's Chat Completions API (ADR 0025). Output: <c>{"text","finishReason"}</c>. Streams the answer, so
/// that its bounds hold while it is read; a server that answers in one piece is understood too. One call is one request: no retries,
/// no redirects. Thread-safe.
/// </summary>
internal sealed class OpenAiModel : IModel
{
    // Each piece of a stream carries about 200 bytes of frame around a word.
    private const int FrameFactor = 64;

    private static readonly MediaTypeHeaderValue s_json = new("application/json");

    private readonly ModelOptions _options;
    private readonly HttpClient _http;
    private readonly Uri _address;

    public OpenAiModel(ModelOptions options)
    {
        _options = options;
        _address = new Uri(options.Endpoint!.AbsoluteUri.TrimEnd('/') + "/chat/completions");
        _http = new HttpClient(options.Handler ?? new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }, options.Handler is null)
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        Version = $"openai@{_address.Authority}/{options.Model}";
    }

    public string Kind => "openai";

    public string Version { get; }

    public async ValueTask<ModelAnswer> InferAsync(ModelRequest request, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(_options.Timeout, _options.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return await AskAsync(request, either.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or HttpRequestException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw deadline.IsCancellationRequested
                ? new ModelException(ModelFailure.Timeout, $"No whole answer within {_options.Timeout}. Raise 'timeout' or ask for less.", e)
                : new ModelException(ModelFailure.Unavailable, "The endpoint cannot be reached, or the connection broke in the middle of the answer.", e);
        }
    }

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<ModelAnswer> AskAsync(ModelRequest request, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, _address);
        message.Content = new ReadOnlyMemoryContent(ChatRequest.Write(_options.Model!, _options.System, request.Input));
        message.Content.Headers.ContentType = s_json;
        message.Headers.TryAddWithoutValidation("Idempotency-Key", request.IdempotencyKey);
        if (_options.Token is not null)
        {
            message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _options.Token);
        }

        using var response = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
        {
            throw ChatFailure.Of(response, _options.Time);
        }

        var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using var bounded = new BoundedStream(stream, (long)_options.AnswerBytesMax * FrameFactor);
        return response.Content.Headers.ContentType?.MediaType == "text/event-stream"
            ? await ReadStreamAsync(bounded, cancellationToken).ConfigureAwait(false)
            : await ReadWholeAsync(bounded, cancellationToken).ConfigureAwait(false);
    }

    private async Task<ModelAnswer> ReadStreamAsync(Stream stream, CancellationToken cancellationToken)
    {
        var answer = new ChatAnswer(_options.AnswerBytesMax);
        var done = false;
        var events = SseParser.Create(stream, static (_, data) => (ReadOnlyMemory<byte>)data.ToArray());
        await foreach (var item in events.EnumerateAsync(cancellationToken).ConfigureAwait(false))
        {
            if (item.Data.Span.SequenceEqual("[DONE]"u8))
            {
                done = true;
                break;
            }

            answer.Add(item.Data);
        }

        // A stream that just ends was cut: half an answer is none.
        return done || answer.IsFinished
            ? answer.ToAnswer()
            : throw new ModelException(ModelFailure.Unavailable, "The endpoint broke off in the middle of the answer.");
    }

    private async Task<ModelAnswer> ReadWholeAsync(Stream stream, CancellationToken cancellationToken)
    {
        using var content = new MemoryStream();
        await stream.CopyToAsync(content, cancellationToken).ConfigureAwait(false);
        var answer = new ChatAnswer(_options.AnswerBytesMax);
        answer.Add(content.ToArray());
        return answer.ToAnswer();
    }
}
