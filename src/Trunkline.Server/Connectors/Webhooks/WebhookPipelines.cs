using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using Trunkline.Core.Security;
using Trunkline.Messaging;
using Trunkline.Server.Configuration;
using Trunkline.Server.Effects;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Connectors.Webhooks;

/// <summary>
/// Sends messages of a sink's outbox as Standard Webhooks. Success is a 2xx; what the far side refuses for good (most 4xx) is
/// terminal, what may pass (408, 425, 429, 5xx, no answer in time) is retryable. Redirects are not followed. Thread-safe.
/// </summary>
internal sealed class WebhookPipelines(WebhookSinkConfig sink, HttpClient http, EffectPort effects, TimeProvider time) : IPipelineFactory
{
    private readonly WebhookSignature? _signature = sink.Secret is { } secret ? new WebhookSignature(secret.Value) : null;

    /// <summary>A sink leads nowhere further.</summary>
    public IReadOnlyList<SinkConfig> Sinks => [];

    /// <inheritdoc/>
    public IPipeline Create() => new Pipeline(this);

    private async ValueTask<PipelineResult> SendAsync(Message message, CancellationToken cancellationToken)
    {
        var id = WebhookId.Of(message);
        var call = new EffectCall(EffectKind.Http, sink.Name, id, message.Payload) { Step = sink.Name, Key = MessageEffects.KeyOf(message) };
        using var timeout = new CancellationTokenSource(sink.Timeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            var answer = await effects.InvokeAsync(call, (_, token) => PostAsync(id, message, token), both.Token);
            return new PipelineResult.Delivered(0, []) { Effects = [new RecordedEffect(EffectKind.Http, sink.Name, id, answer)] };
        }
        catch (WebhookException refused)
        {
            return Failed(refused.Code, refused.Message, refused.Class, refused.RetryAfter);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Failed("sink.timeout", $"no answer within {sink.Timeout.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture)} s", FaultClass.Retryable);
        }
        catch (HttpRequestException refused) when (refused.InnerException is OutgoingAddressException address)
        {
            return Failed("sink.address-refused", address.Message, FaultClass.Terminal);
        }
        catch (HttpRequestException unreachable)
        {
            return Failed("sink.unreachable", $"the connection failed: {unreachable.HttpRequestError}", FaultClass.Retryable);
        }
        catch (IOException)
        {
            return Failed("sink.unreachable", "the connection broke off within the answer", FaultClass.Retryable);
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>> PostAsync(string id, Message message, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, sink.Url) { Content = new ReadOnlyMemoryContent(message.Payload) };
        if (!MediaTypeHeaderValue.TryParse(message.ContentType, out var type))
        {
            type = new MediaTypeHeaderValue(message.ContentType.Length == 0 ? "application/json" : "application/octet-stream");
        }

        request.Content.Headers.ContentType = type;
        var timestamp = time.GetUtcNow().ToUnixTimeSeconds();
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", timestamp.ToString(CultureInfo.InvariantCulture));
        if (_signature is not null)
        {
            request.Headers.Add("webhook-signature", _signature.Sign(id, timestamp, message.Payload.Span));
        }

        if (message.Headers.Text(HeaderNames.TraceParent) is { } trace)
        {
            request.Headers.TryAddWithoutValidation(HeaderNames.TraceParent, trace);
        }

        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        await WebhookAnswer.DrainAsync(response, cancellationToken);
        WebhookAnswer.Require(response, time);
        return JsonSerializer.SerializeToUtf8Bytes(new Receipt((int)response.StatusCode), ReceiptJson.Default.Receipt);
    }

    private PipelineResult.Failed Failed(string code, string detail, FaultClass kind, TimeSpan? after = null) =>
        new(new StepFault(code, sink.Name, detail, kind, after));

    private sealed class Pipeline(WebhookPipelines owner) : IPipeline
    {
        public ValueTask<PipelineResult> RunAsync(PipelineInput input, CancellationToken cancellationToken) =>
            owner.SendAsync(input.Stored.Message, cancellationToken);

        public void Dispose()
        {
            // Holds nothing: connections belong to the node.
        }
    }
}
