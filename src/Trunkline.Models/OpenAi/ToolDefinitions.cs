using System.Text.Json;

namespace Trunkline.Models.OpenAi;

/// <summary>
/// The tools a model may be told of, from a file: a JSON array of <c>{"name","description","parameters"}</c>, the parameters a JSON Schema, as the Chat Completions API takes them. A
/// call is told only those its caller allows. Immutable.
/// </summary>
internal sealed class ToolDefinitions
{
    private const int FileBytesMax = 256 * 1024;
    private const int ToolsMax = 128;
    private const int NameLengthMax = 64;

    private readonly Dictionary<string, JsonElement> _tools;

    private ToolDefinitions(Dictionary<string, JsonElement> tools) => _tools = tools;

    /// <summary>Reads the file.</summary>
    /// <exception cref="InvalidModelException">It cannot be read, or is not of this form.</exception>
    public static ToolDefinitions Load(string model, string path)
    {
        try
        {
            var bytes = File.ReadAllBytes(path);
            using var json = JsonDocument.Parse(bytes.Length <= FileBytesMax ? bytes : throw Invalid(model, path, $"it has more than {FileBytesMax} bytes"));
            if (json.RootElement.ValueKind != JsonValueKind.Array || json.RootElement.GetArrayLength() is 0 or > ToolsMax)
            {
                throw Invalid(model, path, $"it is no JSON array of 1 to {ToolsMax} tools");
            }

            var tools = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
            foreach (var (tool, number) in json.RootElement.EnumerateArray().Select((tool, i) => (tool, i)))
            {
                if (NameOf(tool) is not { } name || !tools.TryAdd(name, tool.Clone()))
                {
                    throw Invalid(model, path, $"tool {number} has no 'name' of its own of 1 to {NameLengthMax} letters, digits, '_' and '-', or 'description' is no text, or 'parameters' no object");
                }
            }

            return new ToolDefinitions(tools);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw Invalid(model, path, "it cannot be read, or is no JSON", e);
        }
    }

    /// <summary>Writes the definitions of the tools that are allowed.</summary>
    /// <exception cref="ModelException">One of them is not defined.</exception>
    public void Write(Utf8JsonWriter json, IReadOnlyList<string> allowed)
    {
        json.WriteStartArray("tools");
        foreach (var name in allowed)
        {
            json.WriteStartObject();
            json.WriteString("type", "function");
            json.WritePropertyName("function");
            (_tools.TryGetValue(name, out var tool) ? tool : throw NotDefined(name)).WriteTo(json);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>The refusal of a call that allows a tool nobody defined.</summary>
    public static ModelException NotDefined(string name) =>
        new(ModelFailure.Refused, $"The step allows the tool '{name}', which the model's 'tools' file does not define.");

    private static string? NameOf(JsonElement tool) =>
        tool.ValueKind == JsonValueKind.Object && tool.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String
        && name.GetString() is { Length: > 0 and <= NameLengthMax } text && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-')
        && (!tool.TryGetProperty("description", out var description) || description.ValueKind == JsonValueKind.String)
        && (!tool.TryGetProperty("parameters", out var parameters) || parameters.ValueKind == JsonValueKind.Object)
            ? text
            : null;

    private static InvalidModelException Invalid(string model, string path, string why, Exception? inner = null) =>
        new($"Model '{model}': the tools in {path} cannot be used: {why}.", inner);
}
