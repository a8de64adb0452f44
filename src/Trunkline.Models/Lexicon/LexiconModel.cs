using System.Buffers;
using System.Text.Json;

namespace Trunkline.Models.Lexicon;

/// <summary>
/// Sentiment by the VADER method. Made for English sentences; the longer the text, the closer <c>compound</c> comes to −1 or 1.
/// Output: <c>{"compound":−1…1,"pos":0…1,"neu":0…1,"neg":0…1}</c>. Thread-safe.
/// </summary>
internal sealed class LexiconModel(WordList list) : IModel
{
    private const int InputBytesMax = 8 * 1024 * 1024;

    private readonly SentimentRules _rules = new(list);

    public string Kind => "lexicon";

    public string Version { get; } = $"lexicon@{list.Hash}";

    public ValueTask<ModelAnswer> InferAsync(ModelRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var sentiment = _rules.Judge(ModelInput.Text(request.Input, InputBytesMax));
        var output = new ArrayBufferWriter<byte>(96);
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteNumber("compound", sentiment.Compound);
            json.WriteNumber("pos", sentiment.Positive);
            json.WriteNumber("neu", sentiment.Neutral);
            json.WriteNumber("neg", sentiment.Negative);
            json.WriteEndObject();
        }

        return ValueTask.FromResult(new ModelAnswer(output.WrittenMemory));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
