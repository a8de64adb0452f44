using System.Globalization;
using System.Net.Http.Headers;
using Trunkline.Messaging;
using Trunkline.Server.Configuration;

namespace Trunkline.Server.Connectors.Webhooks;

/// <summary>
/// Sends messages as Standard Webhooks. Success is a 2xx; what the far side refuses for good (most 4xx) is refused, what may pass (408, 425,
/// 429, 5xx) comes later. Redirects are not followed. Thread-safe.
/// </summary>
internal sealed class WebhookSink(WebhookSinkConfig sink, HttpClient http, TimeProvider time) : ISinkConnector
{
    private readonly WebhookSignature? _signature = sink.Secret is { } secret ? new WebhookSignature(secret.Value) : null;

    /// <inheritdoc/>
    public async ValueTask<SinkAnswer> SendAsync(SinkMessage message, CancellationToken cancellationToken)
    {
        var (content, id) = (message.Message, message.Id);
        using var request = new HttpRequestMessage(HttpMethod.Post, sink.Url) { Content = new ReadOnlyMemoryContent(content.Payload) };
        if (!MediaTypeHeaderValue.TryParse(content.ContentType, out var type))
        {
            type = new MediaTypeHeaderValue(content.ContentType.Length == 0 ? "application/json" : "application/octet-stream");
        }

        request.Content.Headers.ContentType = type;
        var timestamp = time.GetUtcNow().ToUnixTimeSeconds();
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", timestamp.ToString(CultureInfo.InvariantCulture));
        if (_signature is not null)
        {
            request.Headers.Add("webhook-signature", _signature.Sign(id, timestamp, content.Payload.Span));
        }

        if (OutgoingTrace.Of(content) is { } trace)
        {
            request.Headers.TryAddWithoutValidation(HeaderNames.TraceParent, trace);
        }

        return await WebhookAnswer.OfAsync(http, request, time, cancellationToken);
    }
}
