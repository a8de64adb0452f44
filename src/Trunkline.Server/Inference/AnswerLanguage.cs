using System.Text.Json;
using Trunkline.Models;

namespace Trunkline.Server.Inference;

/// <summary>The language a model's answers must be in. Thread-safe.</summary>
/// <param name="detector">Tells languages.</param>
/// <param name="code">The language; null for that of what is asked.</param>
internal sealed class AnswerLanguage(Lazy<IModel> detector, string? code)
{
    // A detector that is torn between related languages is no evidence against an answer.
    private const double Sure = 0.5;
    private const double Unlikely = 0.2;

    /// <summary>The language an answer must be in, if the answer is not; null if it may be used.</summary>
    /// <param name="question">What was asked, JSON.</param>
    /// <param name="answer">The answer, JSON.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async ValueTask<string?> MissedAsync(ReadOnlyMemory<byte> question, ReadOnlyMemory<byte> answer, CancellationToken cancellationToken)
    {
        var wanted = code;
        if (wanted is null)
        {
            using var asked = await TellAsync(AnswerText.SentencesOf(question), cancellationToken).ConfigureAwait(false);
            wanted = asked.RootElement.GetProperty("confidence").GetDouble() >= Sure ? asked.RootElement.GetProperty("language").GetString() : null;
        }

        if (wanted is null || AnswerText.SentencesOf(answer) is not { Length: > 0 } text)
        {
            return null;
        }

        using var given = await TellAsync(text, cancellationToken).ConfigureAwait(false);
        var isOther = given.RootElement.GetProperty("language").GetString() is { } told
            && told != wanted
            && given.RootElement.GetProperty("confidence").GetDouble() >= Sure
            && (!given.RootElement.GetProperty("languages").TryGetProperty(wanted, out var chance) || chance.GetDouble() < Unlikely);
        return isOther ? wanted : null;
    }

    private async ValueTask<JsonDocument> TellAsync(string text, CancellationToken cancellationToken)
    {
        var answer = await detector.Value.InferAsync(new ModelRequest(JsonSerializer.SerializeToUtf8Bytes(text), ""), cancellationToken).ConfigureAwait(false);
        return JsonDocument.Parse(answer.Output);
    }
}
