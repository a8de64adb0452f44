namespace Trunkline.Models.Lexicon;

/// <summary>How a text is felt.</summary>
/// <param name="Compound">−1 (bad) to 1 (good).</param>
/// <param name="Positive">Share of the text that is positive; the three shares sum to 1, or are 0 for no text.</param>
/// <param name="Neutral">Share that is neutral.</param>
/// <param name="Negative">Share that is negative.</param>
internal readonly record struct Sentiment(double Compound, double Positive, double Neutral, double Negative)
{
    // Approximates the greatest sum of a sentence (paper, 3.1).
    private const double Alpha = 15;

    /// <summary>
    /// Sums the words up: exclamation marks (up to four) and question marks (two or more) strengthen the sum, which is then
    /// brought between −1 and 1; each felt word counts one more in its share, to weigh against neutral words, which count one.
    /// </summary>
    public static Sentiment Of(ReadOnlySpan<double> valences, string text)
    {
        if (valences.IsEmpty)
        {
            return default;
        }

        var emphasis = Emphasis(text);
        double sum = 0, positive = 0, negative = 0, neutral = 0;
        foreach (var valence in valences)
        {
            sum += valence;
            positive += valence > 0 ? valence + 1 : 0;
            negative += valence < 0 ? valence - 1 : 0;
            neutral += valence == 0 ? 1 : 0;
        }

        sum += Math.Sign(sum) * emphasis;
        positive += positive > -negative ? emphasis : 0;
        negative -= positive < -negative ? emphasis : 0;
        var total = positive - negative + neutral;
        var compound = Math.Clamp(sum / Math.Sqrt((sum * sum) + Alpha), -1, 1);
        return new Sentiment(
            Math.Round(compound, 4), Math.Round(positive / total, 3), Math.Round(neutral / total, 3), Math.Round(-negative / total, 3));
    }

    private static double Emphasis(string text)
    {
        var exclamations = Math.Min(text.AsSpan().Count('!'), 4);
        var questions = text.AsSpan().Count('?');
        return (exclamations * 0.292) + (questions <= 1 ? 0 : questions <= 3 ? questions * 0.18 : 0.96);
    }
}
