using System.Buffers;
using System.Text.Json;
using Lingua;

namespace Trunkline.Models.Languages;

/// <summary>
/// Tells the language of a text among those it was told of. Output: <c>{"language":"en","confidence":0…1,"languages":{"en":…}}</c>;
/// <c>language</c> is null where the text gives no clue. Language models are loaded at the first text that needs them. Thread-safe.
/// </summary>
internal sealed class LinguaModel : IModel
{
    private const int InputBytesMax = 8 * 1024 * 1024;

    // More of a text tells nothing new, and the work grows with its length.
    private const int TextLengthMax = 4 * 1024;

    private readonly LanguageDetector _detector;

    private LinguaModel(LanguageDetector detector, string version) => (_detector, Version) = (detector, version);

    public string Kind => "lingua";

    public string Version { get; }

    /// <exception cref="InvalidModelException">A language is not known, or fewer than two are named.</exception>
    public static LinguaModel Create(string name, IReadOnlyList<string> languages)
    {
        var codes = languages.Select(l => l.ToLowerInvariant()).Distinct().Order(StringComparer.Ordinal).ToArray();
        if (codes.Length < 2)
        {
            throw new InvalidModelException($"Model '{name}': 'languages' must name at least two languages, such as [en, de].");
        }

        var known = codes.Select(code => LanguageOf(name, code)).ToArray();
        var package = typeof(LanguageDetector).Assembly.GetName().Version;
        return new LinguaModel(LanguageDetectorBuilder.FromLanguages(known).Build(), $"lingua@{package?.ToString(3)}/{string.Join('+', codes)}");
    }

    public ValueTask<ModelAnswer> InferAsync(ModelRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var text = ModelInput.Text(request.Input, InputBytesMax);
        var found = _detector.ComputeLanguageConfidenceValues(text.Length > TextLengthMax ? text[..TextLengthMax] : text)
            .OrderByDescending(l => l.Value).ThenBy(l => CodeOf(l.Key), StringComparer.Ordinal).ToArray();
        var output = new ArrayBufferWriter<byte>(128);
        using (var json = new Utf8JsonWriter(output))
        {
            var isTold = found.Length > 0 && found[0].Value > 0 && (found.Length == 1 || found[0].Value > found[1].Value);
            json.WriteStartObject();
            json.WriteString("language", isTold ? CodeOf(found[0].Key) : null);
            json.WriteNumber("confidence", isTold ? found[0].Value : 0);
            json.WriteStartObject("languages");
            foreach (var (language, confidence) in found)
            {
                json.WriteNumber(CodeOf(language), confidence);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return ValueTask.FromResult(new ModelAnswer(output.WrittenMemory));
    }

    public ValueTask DisposeAsync()
    {
        _detector.UnloadLanguageModels();
        return ValueTask.CompletedTask;
    }

    private static string CodeOf(Language language) => LanguageInfo.IsoCode6391(language).ToString().ToLowerInvariant();

    private static Language LanguageOf(string name, string code) =>
        LanguageInfo.All().Where(l => CodeOf(l) == code).Cast<Language?>().FirstOrDefault()
        ?? throw new InvalidModelException($"Model '{name}': the language '{code}' is not known. Use two-letter codes of ISO 639-1, such as en, de, fr.");
}
