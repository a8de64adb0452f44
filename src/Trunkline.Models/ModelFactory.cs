using System.Runtime.CompilerServices;
using Trunkline.Models.Http;
using Trunkline.Models.Languages;
using Trunkline.Models.Lexicon;
using Trunkline.Models.MlNet;
using Trunkline.Models.Onnx;
using Trunkline.Models.OpenAi;

namespace Trunkline.Models;

/// <summary>Makes the models that come with Trunkline. Thread-safe.</summary>
public static class ModelFactory
{
    /// <summary>The kinds it knows.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["lexicon", "mlnet", "lingua", "onnx", "openai", "http"];

    /// <summary>
    /// Makes a model, ready to be asked; files are read and checked here, endpoints are not called. The libraries of a kind are
    /// loaded only when a model of that kind is made.
    /// </summary>
    /// <exception cref="InvalidModelException">The settings or the file cannot be used.</exception>
    public static IModel Create(ModelOptions options) => options.Kind switch
    {
        "lexicon" => Lexicon(options),
        "mlnet" => MlNet(options),
        "lingua" => Lingua(options),
        "onnx" => Onnx(options),
        "openai" => OpenAi(options),
        "http" => Http(options),
        _ => throw new InvalidModelException(
            $"Model '{options.Name}': there is no kind '{options.Kind}'. Use one of {string.Join(", ", Kinds)}, or register your own in the host."),
    };

    private static LexiconModel Lexicon(ModelOptions options) =>
        new(options.Path is null ? WordList.BuiltIn : WordList.Load(options.Name, options.Path));

    // Kept out of line, so that the runtime resolves Microsoft.ML only when this is called.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static MlNetModel MlNet(ModelOptions options) =>
        MlNetModel.Load(options.Name, options.Path ?? throw Missing(options, "path", "the model file"));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static LinguaModel Lingua(ModelOptions options) => LinguaModel.Create(options.Name, options.Languages);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static OnnxModel Onnx(ModelOptions options) => OnnxModel.Load(options with
    {
        Path = options.Path ?? throw Missing(options, "path", "the model file"),
        Tokenizer = options.Tokenizer ?? throw Missing(options, "tokenizer", "the vocabulary file"),
    });

    private static OpenAiModel OpenAi(ModelOptions options)
    {
        CheckRemote(options);
        return string.IsNullOrWhiteSpace(options.Model) ? throw Missing(options, "model", "the model's name at the endpoint") : new OpenAiModel(options);
    }

    private static HttpModel Http(ModelOptions options)
    {
        CheckRemote(options);
        return new HttpModel(options);
    }

    private static void CheckRemote(ModelOptions options)
    {
        if (options.Endpoint is not { IsAbsoluteUri: true, Scheme: "http" or "https" })
        {
            throw Missing(options, "endpoint", "an http or https address such as https://host/v1");
        }

        if (options.Token?.Any(c => c is < '!' or > '~') == true)
        {
            throw new InvalidModelException($"Model '{options.Name}': the token holds a space, a line end or a character outside ASCII. Check its source.");
        }

        if (options.Timeout <= TimeSpan.Zero || options.Timeout > TimeSpan.FromDays(1))
        {
            throw new InvalidModelException($"Model '{options.Name}': 'timeout' must be more than 0 and at most a day.");
        }
    }

    private static InvalidModelException Missing(ModelOptions options, string key, string what) =>
        new($"Model '{options.Name}' of kind {options.Kind} needs '{key}': {what}.");
}
