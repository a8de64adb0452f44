using System.Buffers;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.ML;

namespace Trunkline.Models.MlNet;

/// <summary>
/// A binary text classifier trained with ML.NET. Output: <c>{"label":true|false,"probability":0…1}</c>. Thread-safe: ML.NET's engines
/// are not, so each call borrows one; as many are kept as the machine has processors.
/// </summary>
internal sealed class MlNetModel : IModel
{
    private const int InputBytesMax = 8 * 1024 * 1024;
    private static readonly int s_enginesMax = Environment.ProcessorCount;

    private readonly ConcurrentBag<PredictionEngine<TextInput, TextPrediction>> _engines = [];
    private readonly Func<PredictionEngine<TextInput, TextPrediction>> _create;

    private MlNetModel(Func<PredictionEngine<TextInput, TextPrediction>> create, string version)
    {
        _create = create;
        _engines.Add(create());
        Version = version;
    }

    public string Kind => "mlnet";

    public string Version { get; }

    /// <exception cref="InvalidModelException">The file is missing or is not such a classifier.</exception>
    public static MlNetModel Load(string name, string path)
    {
        var content = ModelFile.Read(name, path);
        try
        {
            var context = new MLContext(seed: 1);
            var transformer = context.Model.Load(new MemoryStream(content, writable: false), out _);
            var model = new MlNetModel(
                () => context.Model.CreatePredictionEngine<TextInput, TextPrediction>(transformer),
                $"mlnet@{Convert.ToHexStringLower(SHA256.HashData(content))[..12]}");
            model.Predict("");
            return model;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The boundary to ML.NET's reader, which fails on damaged files in as many ways as there are bytes in them.
            throw ModelFile.NotAModel(name, path, e);
        }
    }

    public ValueTask<ModelAnswer> InferAsync(ModelRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var prediction = Predict(ModelInput.Text(request.Input, InputBytesMax));
        if (!float.IsFinite(prediction.Probability))
        {
            throw new ModelException(ModelFailure.Malformed, "The classifier gave no number as its probability. Train it again.");
        }

        var output = new ArrayBufferWriter<byte>(48);
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteBoolean("label", prediction.Label);
            json.WriteNumber("probability", prediction.Probability);
            json.WriteEndObject();
        }

        return ValueTask.FromResult(new ModelAnswer(output.WrittenMemory));
    }

    public ValueTask DisposeAsync()
    {
        while (_engines.TryTake(out var engine))
        {
            engine.Dispose();
        }

        return ValueTask.CompletedTask;
    }

    private TextPrediction Predict(string text)
    {
        if (!_engines.TryTake(out var engine))
        {
            engine = _create();
        }

        var prediction = engine.Predict(TextInput.Of(text));
        if (_engines.Count < s_enginesMax)
        {
            _engines.Add(engine);
        }
        else
        {
            engine.Dispose();
        }

        return prediction;
    }
}
