using System.Net.ServerSentEvents;
using Trunkline.Models.Http;

namespace Trunkline.Models.OpenAi;

/// <summary>
/// Any endpoint that speaks OpenAI's Chat Completions API (ADR 0025). Output: <c>{"text","finishReason"}</c>, and <c>"toolCalls"</c> if it asks for tools that are allowed. Streams the answer, so
/// that its bounds hold while it is read; a server that answers in one piece is understood too. One call is one request: no retries,
/// no redirects. Thread-safe.
/// </summary>
internal sealed class OpenAiModel : IModel
{
    // Each piece of a stream carries about 200 bytes of frame around a word.
    private const int FrameFactor = 64;

    private readonly ModelOptions _options;
    private readonly JsonEndpoint _endpoint;
    private readonly ToolDefinitions? _tools;

    public OpenAiModel(ModelOptions options)
    {
        _options = options;
        _tools = options.Tools is { } path ? ToolDefinitions.Load(options.Name, path) : null;
        _endpoint = new JsonEndpoint(options, new Uri(options.Endpoint!.AbsoluteUri.TrimEnd('/') + "/chat/completions"));
        Version = $"openai@{_endpoint.Address.Authority}/{options.Model}";
    }

    public string Kind => "openai";

    public string Version { get; }

    public ValueTask<ModelAnswer> InferAsync(ModelRequest request, CancellationToken cancellationToken) => _endpoint.PostAsync(
        ChatRequest.Write(_options, _tools, request),
        request.IdempotencyKey,
        (long)_options.AnswerBytesMax * FrameFactor,
        (stream, isEvents, token) => isEvents ? ReadStreamAsync(stream, request, token) : ReadWholeAsync(stream, request.Tools, token),
        cancellationToken);

    public ValueTask DisposeAsync()
    {
        _endpoint.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<ModelAnswer> ReadStreamAsync(Stream stream, ModelRequest request, CancellationToken cancellationToken)
    {
        var answer = new ChatAnswer(_options.AnswerBytesMax, request.Tools) { Piece = request.Piece };
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

    private async Task<ModelAnswer> ReadWholeAsync(Stream stream, IReadOnlyList<string> tools, CancellationToken cancellationToken)
    {
        using var content = new MemoryStream();
        await stream.CopyToAsync(content, cancellationToken).ConfigureAwait(false);
        var answer = new ChatAnswer(_options.AnswerBytesMax, tools);
        answer.Add(content.ToArray());
        return answer.ToAnswer();
    }
}
