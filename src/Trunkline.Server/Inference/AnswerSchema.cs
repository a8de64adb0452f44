using System.Text;
using System.Text.Json;
using Trunkline.Models;
using Trunkline.Server.Schemas.Json;

namespace Trunkline.Server.Inference;

/// <summary>The JSON Schema of a model's answers (ADR 0110). Thread-safe.</summary>
internal sealed class AnswerSchema
{
    private readonly JsonSchema _schema;
    private readonly string _text;
    private readonly bool _inText;

    private AnswerSchema(JsonSchema schema, string text, bool inText) => (_schema, _text, _inText) = (schema, text, inText);

    /// <summary>Reads a schema.</summary>
    /// <param name="model">The model's name, for messages.</param>
    /// <param name="path">The file.</param>
    /// <param name="inText">True for models that answer text: the text must be the JSON then, and becomes the answer.</param>
    /// <exception cref="InvalidModelException">The file is no usable schema.</exception>
    public static AnswerSchema Load(string model, string path, bool inText)
    {
        byte[] text;
        try
        {
            text = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidModelException($"Model '{model}': the schema {path} cannot be read.", e);
        }

        var schema = JsonSchema.Read(text, new JsonSchemaOptions(), out var faults);
        return schema is not null
            ? new AnswerSchema(schema, Encoding.UTF8.GetString(text), inText)
            : throw new InvalidModelException($"Model '{model}': {path} is no JSON Schema: at '{faults[0].At}' {faults[0].Message}.");
    }

    /// <summary>The answer if it fits; else null, and where it does not.</summary>
    /// <param name="answer">What the model answered.</param>
    /// <param name="problem">Where in the schema, without anything of the answer; null if it fits.</param>
    public ReadOnlyMemory<byte>? Check(ReadOnlyMemory<byte> answer, out string? problem)
    {
        ReadOnlyMemory<byte> json;
        try
        {
            json = _inText ? JsonIn(answer) : answer;
        }
        catch (JsonException)
        {
            problem = "it is not JSON";
            return null;
        }

        var faults = _schema.Check(json, faultsMax: 1);
        if (faults.Count == 0)
        {
            problem = null;
            return json;
        }

        problem = $"it does not fit the schema at {faults[0].SchemaAt}: {faults[0].Message}";
        return null;
    }

    /// <summary>What is to be done to fit it, for the model.</summary>
    public string Wanted => $"Answer again with nothing but JSON that fits this JSON Schema:\n{_text}";

    /// <summary>The JSON of a text; many models put it into a Markdown block.</summary>
    private static byte[] JsonIn(ReadOnlyMemory<byte> answer)
    {
        var text = AnswerText.Of(answer).Trim();
        if (text.StartsWith("```", StringComparison.Ordinal) && text.EndsWith("```", StringComparison.Ordinal) && text.IndexOf('\n', StringComparison.Ordinal) is > 0 and var line)
        {
            text = text[line..^3].Trim();
        }

        return Encoding.UTF8.GetBytes(text);
    }
}
