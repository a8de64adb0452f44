using System.Text;
using System.Text.Json;

namespace Trunkline.Models.OpenAi;

/// <summary>Gathers the tool calls of one answer from its pieces; only tools that are allowed may be called. For one answer; not thread-safe.</summary>
internal sealed class ToolCalls(IReadOnlyList<string> allowed, int bytesMax)
{
    private const int CallsMax = 32;

    private readonly List<Call> _calls = [];
    private int _bytes;

    public int Count => _calls.Count;

    /// <summary>Takes the calls of a piece: the first piece of a call names it, later ones add to its arguments.</summary>
    /// <exception cref="ModelException">A tool is not allowed, or a bound is broken.</exception>
    public void Add(JsonElement calls)
    {
        var place = 0;
        foreach (var piece in calls.EnumerateArray())
        {
            var index = piece.TryGetProperty("index", out var told) ? told.GetInt32() : place;
            place++;
            if (index < 0 || index > _calls.Count || index >= CallsMax)
            {
                throw new ModelException(ModelFailure.Malformed, $"The model's calls of tools are out of order, or more than {CallsMax}.");
            }

            if (index == _calls.Count)
            {
                _calls.Add(new Call());
            }

            Add(_calls[index], piece);
        }
    }

    /// <summary>Writes <c>"toolCalls":[{"id","name","arguments"}]</c>.</summary>
    /// <exception cref="ModelException">Arguments are no JSON object.</exception>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartArray("toolCalls");
        foreach (var call in _calls)
        {
            json.WriteStartObject();
            json.WriteString("id", call.Id);
            json.WriteString("name", call.Name ?? throw NotAllowed());
            json.WritePropertyName("arguments");
            WriteArguments(json, call.Arguments.ToString());
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private void Add(Call call, JsonElement piece)
    {
        if (piece.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String)
        {
            call.Id = Bounded(id.GetString()!);
        }

        if (!piece.TryGetProperty("function", out var function) || function.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        if (function.TryGetProperty("name", out var name) && name.GetString() is { Length: > 0 } named)
        {
            // What the model wrote is not shown: it may be anything.
            call.Name = allowed.Contains(named) ? named : throw NotAllowed();
        }

        if (function.TryGetProperty("arguments", out var arguments) && arguments.ValueKind == JsonValueKind.String)
        {
            call.Arguments.Append(Bounded(arguments.GetString()!));
        }
    }

    private string Bounded(string text)
    {
        _bytes += Encoding.UTF8.GetByteCount(text);
        return _bytes <= bytesMax ? text : throw new ModelException(ModelFailure.Malformed, $"The model's calls of tools have more than {bytesMax} bytes and were given up.");
    }

    private static void WriteArguments(Utf8JsonWriter json, string arguments)
    {
        try
        {
            using var parsed = JsonDocument.Parse(string.IsNullOrWhiteSpace(arguments) ? "{}" : arguments);
            (parsed.RootElement.ValueKind == JsonValueKind.Object ? parsed.RootElement : throw new JsonException("no object")).WriteTo(json);
        }
        catch (JsonException broken)
        {
            throw new ModelException(ModelFailure.Malformed, "The model called a tool with arguments that are no JSON object.", broken);
        }
    }

    private static ModelException NotAllowed() => new(ModelFailure.Malformed, "The model asked to call a tool that the step does not allow.");

    private sealed class Call
    {
        public string? Id { get; set; }

        public string? Name { get; set; }

        public StringBuilder Arguments { get; } = new();
    }
}
