using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Trunkline.Server.State;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Flows.Code;

/// <summary>One message in a flow of the host's own code. One thread at a time.</summary>
internal sealed class FlowRun(MessageEffects effects, JsonSerializerOptions json, IReadOnlyDictionary<string, ModelCall> models)
{
    private int _effects;
    private MessageState? _state;

    public MessageEffects Effects { get; } = effects;

    /// <summary>Whether the payload is a mail.</summary>
    public bool ParsesMail { get; init; }

    /// <summary>The JSON the handler's body is read from.</summary>
    /// <exception cref="StepException">The payload should be a mail and is none.</exception>
    public ReadOnlyMemory<byte> Payload(CancellationToken cancellationToken)
    {
        var payload = Effects.Input.Stored.Message.Payload;
        return ParsesMail ? ParseMailStep.Parse(payload, CodeFlow.HandlerStep, cancellationToken) : payload;
    }

    /// <summary>What the handler made of its key's state; null for nothing.</summary>
    public StateOutcome? StateOutcome => _state?.Outcome;

    /// <summary>The state of the message's key, read once.</summary>
    /// <exception cref="StepException">The message has no key, or nothing is remembered here.</exception>
    public async ValueTask<MessageState> OpenStateAsync(CancellationToken cancellationToken) =>
        _state ??= await MessageState.OpenAsync(Effects.Input, CodeFlow.HandlerStep, cancellationToken).ConfigureAwait(false);

    public T Read<T>(ReadOnlySpan<byte> utf8)
    {
        var type = (JsonTypeInfo<T>)json.GetTypeInfo(typeof(T));
        var value = JsonNodes.Reads(type) ? (T?)(object?)JsonNodes.Read(utf8, json) : JsonSerializer.Deserialize(utf8, type);
        return value ?? throw new JsonException("The JSON is null.");
    }

    public byte[] Write<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, (JsonTypeInfo<T>)json.GetTypeInfo(typeof(T)));

    // Only the place is told: the serializer's own text can quote the payload.
    public static StepException BodyInvalid(JsonException exception) => new(
        new StepFault(
            "step.json-invalid",
            CodeFlow.HandlerStep,
            string.Create(
                CultureInfo.InvariantCulture,
                $"The body is not the JSON the flow reads, at line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}."),
            FaultClass.Terminal),
        exception);

    public async ValueTask<TAnswer> InferAsync<TAnswer>(string model, byte[] question, CancellationToken cancellationToken)
    {
        if (!models.TryGetValue(model, out var call))
        {
            throw new ArgumentException($"The flow does not declare model '{model}'; add Using(\"{model}\") in Configure.", nameof(model));
        }

        var answer = await call.AskAsync(Effects, NextKey(model), question, cancellationToken).ConfigureAwait(false);
        try
        {
            return Read<TAnswer>(answer.Span);
        }
        catch (JsonException)
        {
            throw call.NotJson();
        }
    }

    /// <summary>Names an effect by what it is and its place in the order of the message's effects.</summary>
    public string NextKey(string name) => string.Create(CultureInfo.InvariantCulture, $"{CodeFlow.HandlerStep}:{name}#{_effects++}");
}
