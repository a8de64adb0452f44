using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Trunkline.Models.OpenAi;

/// <summary>
/// Gathers an answer from the pieces of a stream, or from one whole answer, of the Chat Completions API. Reads
/// <c>choices[0].delta.content</c> (or <c>.message.content</c>), <c>finish_reason</c> and <c>usage</c>; other fields are passed over.
/// For one answer; not thread-safe.
/// </summary>
internal sealed class ChatAnswer(int bytesMax, IReadOnlyList<string> tools)
{
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly StringBuilder _text = new();
    private readonly ToolCalls _calls = new(tools, bytesMax);
    private int _bytes;
    private string? _finishReason;
    private int? _inputTokens;
    private int? _outputTokens;
    private bool _any;

    /// <summary>Told each piece of the text; null for nobody.</summary>
    public Action<string>? Piece { get; init; }

    /// <summary>Whether the endpoint has said that the answer is complete.</summary>
    public bool IsFinished => _finishReason is not null;

    /// <exception cref="ModelException">The piece breaks the protocol or the bound, or tells of an error.</exception>
    public void Add(ReadOnlyMemory<byte> piece)
    {
        try
        {
            using var json = JsonDocument.Parse(piece);
            Add(json.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw Malformed(e);
        }
    }

    /// <summary>The answer so far, as <c>{"text","finishReason","toolCalls"}</c>; the last only if there are any.</summary>
    /// <exception cref="ModelException">There was no choice in it.</exception>
    public ModelAnswer ToAnswer()
    {
        if (!_any)
        {
            throw Malformed(null);
        }

        var output = new ArrayBufferWriter<byte>(_bytes + 64);
        using (var json = new Utf8JsonWriter(output, s_options))
        {
            json.WriteStartObject();
            json.WriteString("text", _text.ToString());
            json.WriteString("finishReason", _finishReason);
            if (_calls.Count > 0)
            {
                _calls.Write(json);
            }

            json.WriteEndObject();
        }

        return new ModelAnswer(output.WrittenMemory, _inputTokens, _outputTokens);
    }

    private static ModelException Malformed(Exception? inner) =>
        new(ModelFailure.Malformed, "The endpoint's answer is not that of a Chat Completions API. Check that 'endpoint' ends where /chat/completions begins.", inner);

    private void Add(JsonElement piece)
    {
        if (piece.TryGetProperty("error", out var error) && error.ValueKind != JsonValueKind.Null)
        {
            throw new ModelException(ModelFailure.Unavailable, "The endpoint broke the answer off with an error.");
        }

        if (piece.TryGetProperty("usage", out var usage) && usage.ValueKind == JsonValueKind.Object)
        {
            _inputTokens = Tokens(usage, "prompt_tokens") ?? _inputTokens;
            _outputTokens = Tokens(usage, "completion_tokens") ?? _outputTokens;
        }

        // The piece that tells the usage has an empty list of choices.
        if (!piece.TryGetProperty("choices", out var choices))
        {
            throw Malformed(null);
        }

        foreach (var choice in choices.EnumerateArray().Take(1))
        {
            _any = true;
            if (choice.TryGetProperty("delta", out var part) || choice.TryGetProperty("message", out part))
            {
                Append(part);
            }

            if (choice.TryGetProperty("finish_reason", out var reason) && reason.ValueKind == JsonValueKind.String)
            {
                _finishReason = reason.GetString();
            }
        }
    }

    private void Append(JsonElement part)
    {
        // Where nobody offered the model a tool, what asks for one was put into its mouth, or is for another caller.
        if (part.TryGetProperty("tool_calls", out var calls) && calls.ValueKind == JsonValueKind.Array && calls.GetArrayLength() > 0)
        {
            _calls.Add(tools.Count > 0 ? calls : throw new ModelException(ModelFailure.Malformed, "The model asked to call a tool; none is allowed."));
        }

        if (!part.TryGetProperty("content", out var content) || content.ValueKind == JsonValueKind.Null)
        {
            return;
        }

        var text = content.GetString()!;
        _bytes += Encoding.UTF8.GetByteCount(text);
        if (_bytes > bytesMax)
        {
            throw new ModelException(ModelFailure.Malformed, $"The answer's text has more than {bytesMax} bytes and was given up. Limit the length in the instruction.");
        }

        _text.Append(text);
        if (text.Length > 0)
        {
            Piece?.Invoke(text);
        }
    }

    private static int? Tokens(JsonElement usage, string name) =>
        usage.TryGetProperty(name, out var count) && count.ValueKind == JsonValueKind.Number && count.TryGetInt32(out var tokens) && tokens >= 0 ? tokens : null;
}
