using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Trunkline.Core.Security;
using Trunkline.Core.Telemetry;
using Trunkline.Server.Configuration;
using Trunkline.Server.Effects;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Connectors;

/// <summary>
/// Sends the messages of a sink's outbox through an <see cref="ISinkConnector"/>: as an effect, within the sink's time-out, what is thrown as a
/// value. Thread-safe.
/// </summary>
internal sealed class ConnectorPipelines(OutboxSinkConfig sink, ISinkConnector connector, EffectPort effects, TimeProvider time) : IPipelineFactory
{
    /// <summary>A sink leads nowhere further.</summary>
    public IReadOnlyList<SinkConfig> Sinks => [];

    /// <inheritdoc/>
    public IPipeline Create() => new Pipeline(this);

    private async ValueTask<PipelineResult> SendAsync(PipelineInput input, CancellationToken cancellationToken)
    {
        var message = input.Stored.Message;
        var id = SentId.Of(message);
        var call = new EffectCall(EffectKind.Http, sink.Name, id, message.Payload) { Step = sink.Name, Key = MessageEffects.KeyOf(message) };
        using var timeout = new CancellationTokenSource(sink.Timeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            var answer = await effects.InvokeAsync(call, (_, token) => HandOverAsync(new SinkMessage(message, id, input.Attempt), input.Span, token), both.Token);
            return new PipelineResult.Delivered(0, []) { Effects = [new RecordedEffect(EffectKind.Http, sink.Name, id, answer)] };
        }
        catch (SinkException refused)
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
            return Failed("sink.unreachable", "the connection broke off", FaultClass.Retryable);
        }
        catch (Exception thrown) when (thrown is not OperationCanceledException)
        {
            // The boundary to the connector, which may be the host's own code: whatever it throws may be over by the next try.
            return new PipelineResult.Failed(
                new StepFault("sink.unavailable", sink.Name, $"the sink threw {thrown.GetType().Name}", FaultClass.Retryable) { Exception = thrown.GetType().FullName });
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>> HandOverAsync(SinkMessage message, MessageSpan? span, CancellationToken cancellationToken)
    {
        using var part = span?.Begin($"{SpanNames.Deliver} {sink.Name}", ActivityKind.Client);
        using var inside = part?.Enter();
        var answer = await connector.SendAsync(message, cancellationToken);
        if (SinkException.Of(answer) is { } refused)
        {
            throw refused;
        }

        var sent = (SinkAnswer.Sent)answer;
        part?.Tag(SpanNames.HttpStatus, sent.Status);
        part?.Done();
        return JsonSerializer.SerializeToUtf8Bytes(new Receipt(sent.Status, sent.Receipt), ReceiptJson.Default.Receipt);
    }

    private PipelineResult.Failed Failed(string code, string detail, FaultClass kind, TimeSpan? after = null) =>
        new(new StepFault(code, sink.Name, detail, kind, after));

    private sealed class Pipeline(ConnectorPipelines owner) : IPipeline
    {
        public ValueTask<PipelineResult> RunAsync(PipelineInput input, CancellationToken cancellationToken) => owner.SendAsync(input, cancellationToken);

        public void Dispose()
        {
            // Holds nothing: connections belong to the node, connectors to whoever made them.
        }
    }
}

/// <summary>What is recorded of an accepted message.</summary>
internal sealed record Receipt([property: JsonPropertyName("status")] int? Status, [property: JsonPropertyName("receipt")] string? Text);

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Receipt))]
internal sealed partial class ReceiptJson : JsonSerializerContext;
