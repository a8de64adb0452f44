using System.Net.Http.Headers;

namespace Trunkline.Models.Http;

/// <summary>
/// Sends one POST with a JSON body for a model: no retries, no redirects, the whole answer within the model's time and size. Thread-safe.
/// </summary>
internal sealed class JsonEndpoint : IDisposable
{
    private static readonly MediaTypeHeaderValue s_json = new("application/json");

    private readonly ModelOptions _options;
    private readonly HttpClient _http;

    /// <param name="options">Of the model: token, time, handler.</param>
    /// <param name="address">Where to send to.</param>
    public JsonEndpoint(ModelOptions options, Uri address)
    {
        _options = options;
        Address = address;
        _http = new HttpClient(options.Handler ?? new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }, options.Handler is null)
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <summary>Where it sends to.</summary>
    public Uri Address { get; }

    /// <summary>Sends, and reads a successful answer.</summary>
    /// <param name="body">JSON.</param>
    /// <param name="idempotencyKey">Stable over retries; sent along.</param>
    /// <param name="answerBytesMax">Bound on the bytes of the answer.</param>
    /// <param name="read">Reads the answer; told whether it is a stream of events.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ModelException">No usable answer.</exception>
    public async ValueTask<ModelAnswer> PostAsync(
        ReadOnlyMemory<byte> body, string idempotencyKey, long answerBytesMax, Func<Stream, bool, CancellationToken, Task<ModelAnswer>> read, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(_options.Timeout, _options.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            using var message = new HttpRequestMessage(HttpMethod.Post, Address);
            message.Content = new ReadOnlyMemoryContent(body);
            message.Content.Headers.ContentType = s_json;
            message.Headers.TryAddWithoutValidation("Idempotency-Key", idempotencyKey);
            if (_options.Token is not null)
            {
                message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _options.Token);
            }

            using var response = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, either.Token).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
            {
                throw EndpointFailure.Of(response, _options.Time);
            }

            var stream = await response.Content.ReadAsStreamAsync(either.Token).ConfigureAwait(false);
            await using var bounded = new BoundedStream(stream, answerBytesMax);
            return await read(bounded, response.Content.Headers.ContentType?.MediaType == "text/event-stream", either.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or HttpRequestException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw deadline.IsCancellationRequested
                ? new ModelException(ModelFailure.Timeout, $"No whole answer within {_options.Timeout}. Raise 'timeout' or ask for less.", e)
                : new ModelException(ModelFailure.Unavailable, "The endpoint cannot be reached, or the connection broke in the middle of the answer.", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();
}
