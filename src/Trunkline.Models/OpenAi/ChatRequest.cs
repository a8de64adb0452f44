using System.Buffers;
using System.Text.Json;

namespace Trunkline.Models.OpenAi;

/// <summary>Writes the request of the Chat Completions API (OpenAI API reference, "Create chat completion"), streamed, with usage.</summary>
internal static class ChatRequest
{
    public const int InputBytesMax = 8 * 1024 * 1024;

    public static ReadOnlyMemory<byte> Write(ModelOptions options, ToolDefinitions? tools, ModelRequest request)
    {
        var buffer = new ArrayBufferWriter<byte>(request.Input.Length + 256);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteString("model", options.Model!);
        json.WriteStartArray("messages");
        if (options.System is { } system)
        {
            WriteMessage(json, "system", system);
        }

        WriteMessage(json, "user", Content(request.Input));
        json.WriteEndArray();
        if (options.MaxTokens is { } most)
        {
            json.WriteNumber("max_tokens", most);
        }

        if (request.Tools is [var first, ..])
        {
            (tools ?? throw ToolDefinitions.NotDefined(first)).Write(json, request.Tools);
        }

        json.WriteBoolean("stream", true);
        json.WriteStartObject("stream_options");
        json.WriteBoolean("include_usage", true);
        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    private static void WriteMessage(Utf8JsonWriter json, string role, string content)
    {
        json.WriteStartObject();
        json.WriteString("role", role);
        json.WriteString("content", content);
        json.WriteEndObject();
    }

    /// <summary>Text goes as it is; any other value goes as its JSON.</summary>
    private static string Content(ReadOnlyMemory<byte> input) =>
        input.Span.TrimStart(" \t\r\n"u8).StartsWith("\""u8) ? ModelInput.Text(input, InputBytesMax) : ModelInput.Json(input, InputBytesMax);
}
