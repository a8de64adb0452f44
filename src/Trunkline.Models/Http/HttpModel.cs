using System.Text.Json;

namespace Trunkline.Models.Http;

/// <summary>
/// Any endpoint that takes and gives JSON. What is sent is made of the input, and the output of what comes back, by the host's
/// functions. One call is one request: no retries, no redirects. Thread-safe.
/// </summary>
internal sealed class HttpModel(ModelOptions options) : IModel
{
    private const int InputBytesMax = 8 * 1024 * 1024;

    private readonly JsonEndpoint _endpoint = new(options, options.Endpoint!);

    public string Kind => "http";

    public string Version { get; } = $"http@{options.Endpoint!.Authority}{options.Endpoint.AbsolutePath}";

    public ValueTask<ModelAnswer> InferAsync(ModelRequest request, CancellationToken cancellationToken)
    {
        if (request.Input.Length > InputBytesMax)
        {
            throw new ModelException(ModelFailure.Refused, $"The input has {request.Input.Length} bytes, the model takes {InputBytesMax}. Shorten it in a map step.");
        }

        var body = options.WriteRequest?.Invoke(request.Input) ?? request.Input;
        return _endpoint.PostAsync(body, request.IdempotencyKey, options.AnswerBytesMax, ReadAsync, cancellationToken);
    }

    public ValueTask DisposeAsync()
    {
        _endpoint.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<ModelAnswer> ReadAsync(Stream stream, bool isEvents, CancellationToken cancellationToken)
    {
        using var content = new MemoryStream();
        await stream.CopyToAsync(content, cancellationToken).ConfigureAwait(false);
        var bytes = content.ToArray();
        try
        {
            using var document = JsonDocument.Parse(bytes);
        }
        catch (JsonException exception)
        {
            throw new ModelException(ModelFailure.Malformed, "The endpoint answered something that is not JSON.", exception);
        }

        return new ModelAnswer(options.ReadAnswer?.Invoke(bytes) ?? bytes);
    }
}
