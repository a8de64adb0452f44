namespace Trunkline.Models.Lexicon;

/// <summary>One word of a text as the rules see it.</summary>
/// <param name="Text">As written, without the punctuation around it.</param>
/// <param name="Lower">In lower case, with a straight apostrophe.</param>
/// <param name="IsShouted">In capitals, while other words of the text are not.</param>
internal readonly record struct Word(string Text, string Lower, bool IsShouted);

/// <summary>Parts a text into words.</summary>
internal static class Words
{
    private static readonly char[] s_punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~".ToCharArray();

    public static Word[] Of(string text)
    {
        var tokens = text.Replace('\u2019', '\'').Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var words = new Word[tokens.Length];
        var shouted = 0;
        for (var i = 0; i < tokens.Length; i++)
        {
            // What is two characters or less without its punctuation may be an emoticon, which is all punctuation.
            var bare = tokens[i].Trim(s_punctuation);
            var word = bare.Length <= 2 ? tokens[i] : bare;
            var isUpper = IsUpper(word);
            shouted += isUpper ? 1 : 0;
            words[i] = new Word(word, word.ToLowerInvariant(), isUpper);
        }

        // Capitals stand out only among words that have none.
        if (shouted == words.Length)
        {
            for (var i = 0; i < words.Length; i++)
            {
                words[i] = words[i] with { IsShouted = false };
            }
        }

        return words;
    }

    private static bool IsUpper(string word)
    {
        var upper = false;
        foreach (var c in word)
        {
            if (char.IsLower(c))
            {
                return false;
            }

            upper |= char.IsUpper(c);
        }

        return upper;
    }
}
