using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Trunkline.Models.Onnx;

/// <summary>
/// A text model in an ONNX file, fed with <c>input_ids</c>, and <c>attention_mask</c> and <c>token_type_ids</c> where it takes them. With
/// labels it classifies, output <c>{"label","probability","scores":{…}}</c>; without it gives what the model gives, output
/// <c>{"values":[…]}</c>, the mean over the tokens where there is one row for each. Thread-safe; computes off the caller's thread.
/// </summary>
internal sealed class OnnxModel : IModel
{
    private const int InputBytesMax = 8 * 1024 * 1024;
    private const int TokensMax = 512;

    // A token has at least one character, so a text this long fills the window; tokenizing the rest is work for nothing.
    private const int TextLengthMax = TokensMax * 32;

    private static readonly string[] s_known = ["input_ids", "attention_mask", "token_type_ids"];

    private readonly InferenceSession _session;
    private readonly OnnxTokenizer _tokenizer;
    private readonly IReadOnlyList<string> _labels;

    private OnnxModel(InferenceSession session, OnnxTokenizer tokenizer, IReadOnlyList<string> labels, string version) =>
        (_session, _tokenizer, _labels, Version) = (session, tokenizer, labels, version);

    public string Kind => "onnx";

    public string Version { get; }

    /// <exception cref="InvalidModelException">A file is missing or is no such model.</exception>
    public static OnnxModel Load(ModelOptions options)
    {
        var tokenizer = OnnxTokenizer.Load(options.Name, options.Tokenizer!);
        var path = options.Path!;
        InferenceSession? session = null;
        try
        {
            var content = File.ReadAllBytes(path);
            session = new InferenceSession(content);
            if (!session.InputMetadata.ContainsKey("input_ids") || session.InputMetadata.Keys.FirstOrDefault(k => !s_known.Contains(k)) is not null)
            {
                throw new InvalidModelException($"Model '{options.Name}': {path} takes {string.Join(", ", session.InputMetadata.Keys)}; known are {string.Join(", ", s_known)}, the first of them needed.");
            }

            var model = new OnnxModel(session, tokenizer, options.Labels, $"onnx@{Convert.ToHexStringLower(SHA256.HashData(content))[..12]}");
            model.Run("a");
            return model;
        }
        catch (Exception e) when (e is OnnxRuntimeException or IOException or UnauthorizedAccessException or ModelException)
        {
            session?.Dispose();
            throw new InvalidModelException(
                $"Model '{options.Name}': {path} cannot be used as a text model: {(e is ModelException ? e.Message : "it cannot be read, or a first text cannot be run through it.")} Check 'path', 'tokenizer' and 'labels'.", e);
        }
    }

    public async ValueTask<ModelAnswer> InferAsync(ModelRequest request, CancellationToken cancellationToken)
    {
        var text = ModelInput.Text(request.Input, InputBytesMax);
        try
        {
            return await Task.Run(() => new ModelAnswer(Run(text)), cancellationToken).ConfigureAwait(false);
        }
        catch (OnnxRuntimeException failed)
        {
            throw new ModelException(ModelFailure.Refused, "The model could not be run over this text.", failed);
        }
    }

    public ValueTask DisposeAsync()
    {
        _session.Dispose();
        return ValueTask.CompletedTask;
    }

    private ReadOnlyMemory<byte> Run(string text)
    {
        var ids = _tokenizer.Encode(text.Length > TextLengthMax ? text[..TextLengthMax] : text, TokensMax);
        var shape = new[] { 1, ids.Count };
        var inputs = new List<NamedOnnxValue>(3);
        foreach (var name in _session.InputMetadata.Keys)
        {
            var values = name switch
            {
                "input_ids" => ids.Select(id => (long)id).ToArray(),
                "attention_mask" => Enumerable.Repeat(1L, ids.Count).ToArray(),
                _ => new long[ids.Count],
            };
            inputs.Add(NamedOnnxValue.CreateFromTensor(name, new DenseTensor<long>(values, shape)));
        }

        using var outputs = _session.Run(inputs);
        return outputs[0].Value is Tensor<float> tensor
            ? Write(Row(tensor))
            : throw new ModelException(ModelFailure.Malformed, "The model's first output holds no numbers of 32 bits.");
    }

    /// <summary>One row: the output itself, or its mean over the tokens.</summary>
    private static float[] Row(Tensor<float> tensor)
    {
        var all = tensor.ToArray();
        var width = tensor.Dimensions.Length == 0 ? 1 : tensor.Dimensions[^1];
        if (width == 0 || all.Length == 0)
        {
            throw new ModelException(ModelFailure.Malformed, "The model's first output is empty.");
        }

        var row = new float[width];
        for (var i = 0; i < all.Length; i++)
        {
            row[i % width] += all[i] / (all.Length / width);
        }

        return Array.TrueForAll(row, float.IsFinite) ? row : throw new ModelException(ModelFailure.Malformed, "The model gave something that is no number.");
    }

    private ReadOnlyMemory<byte> Write(float[] row)
    {
        var output = new ArrayBufferWriter<byte>(row.Length * 16);
        using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        if (_labels.Count == 0)
        {
            json.WriteStartArray("values");
            foreach (var value in row)
            {
                json.WriteNumberValue(value);
            }

            json.WriteEndArray();
        }
        else
        {
            WriteClasses(json, row);
        }

        json.WriteEndObject();
        json.Flush();
        return output.WrittenMemory;
    }

    private void WriteClasses(Utf8JsonWriter json, float[] row)
    {
        if (row.Length != _labels.Count)
        {
            throw new ModelException(ModelFailure.Malformed, $"The model gives {row.Length} classes, 'labels' names {_labels.Count}.");
        }

        var top = row.Max();
        var powers = row.Select(v => Math.Exp(v - top)).ToArray();
        var sum = powers.Sum();
        var best = Array.IndexOf(row, top);
        json.WriteString("label", _labels[best]);
        json.WriteNumber("probability", powers[best] / sum);
        json.WriteStartObject("scores");
        for (var i = 0; i < powers.Length; i++)
        {
            json.WriteNumber(_labels[i], powers[i] / sum);
        }

        json.WriteEndObject();
    }
}
