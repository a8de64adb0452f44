namespace Trunkline.Models.Lexicon;

/// <summary>
/// The rules of VADER (Hutto &amp; Gilbert 2014, section 3.3) over a word list: each listed word is felt as the list says, changed by
/// capitals, by up to three words before it (intensifiers, dampeners, negations, "never so", "least"), by idioms, and by a "but"
/// anywhere. Linear in the length of the text. Thread-safe.
/// </summary>
internal sealed class SentimentRules(WordList list)
{
    private const int Reach = 3;

    // A modifier counts less the farther away it stands.
    private static readonly double[] s_distanceWeight = [1, 0.95, 0.9];

    public Sentiment Judge(string text)
    {
        var words = Words.Of(text);
        var valences = new double[words.Length];
        for (var i = 0; i < words.Length; i++)
        {
            valences[i] = Valence(words, i);
        }

        WeighBut(words, valences);
        return Sentiment.Of(valences, text);
    }

    private double Valence(Word[] words, int at)
    {
        var word = words[at];
        var isKindOf = word.Lower == "kind" && at + 1 < words.Length && words[at + 1].Lower == "of";
        if (isKindOf || Modifiers.BoostOf(word.Lower) != 0 || !list.Valences.TryGetValue(word.Lower, out var valence))
        {
            return 0;
        }

        valence = NoAsNegation(words, at, valence);
        valence += word.IsShouted ? Math.Sign(valence) * Modifiers.Shout : 0;
        for (var distance = 1; distance <= Reach && at >= distance; distance++)
        {
            // A listed word is felt itself and does not modify its neighbours.
            if (list.Valences.ContainsKey(words[at - distance].Lower))
            {
                continue;
            }

            valence += Boost(words[at - distance], valence) * s_distanceWeight[distance - 1];
            valence = Negate(words, at, distance, valence);
            valence = distance == Reach ? Idiom(words, at, valence) : valence;
        }

        return Least(words, at, valence);
    }

    /// <summary>"no" is a listed word ("oh no"), but before another one it is a negation ("no good").</summary>
    private double NoAsNegation(Word[] words, int at, double valence)
    {
        if (words[at].Lower == "no" && at + 1 < words.Length && list.Valences.ContainsKey(words[at + 1].Lower))
        {
            return 0;
        }

        var negated = (at > 0 && words[at - 1].Lower == "no")
            || (at > 1 && words[at - 2].Lower == "no")
            || (at > 2 && words[at - 3].Lower == "no" && words[at - 1].Lower is "or" or "nor");
        return negated ? list.Valences[words[at].Lower] * Modifiers.Negation : valence;
    }

    private static double Boost(Word before, double valence)
    {
        var boost = Modifiers.BoostOf(before.Lower);
        if (boost == 0)
        {
            return 0;
        }

        boost = valence < 0 ? -boost : boost;
        return before.IsShouted ? boost + (valence > 0 ? Modifiers.Shout : -Modifiers.Shout) : boost;
    }

    private static double Negate(Word[] words, int at, int distance, double valence)
    {
        var negation = words[at - distance].Lower;

        // "never so good" and "never this good" praise.
        if (negation == "never" && distance > 1)
        {
            var praises = words[at - 1].Lower is "so" or "this" || (distance == 3 && words[at - 2].Lower is "so" or "this");
            if (praises)
            {
                return valence * 1.25;
            }
        }

        var withoutDoubt = negation == "without" && distance > 1 && (words[at - 1].Lower == "doubt" || words[at - distance + 1].Lower == "doubt");
        return !withoutDoubt && Modifiers.Negates(negation) ? valence * Modifiers.Negation : valence;
    }

    private double Least(Word[] words, int at, double valence)
    {
        if (at == 0 || words[at - 1].Lower != "least" || list.Valences.ContainsKey("least"))
        {
            return valence;
        }

        return at > 1 && words[at - 2].Lower is "at" or "very" ? valence : valence * Modifiers.Negation;
    }

    private static double Idiom(Word[] words, int at, double valence)
    {
        foreach (var phrase in PhrasesAround(words, at))
        {
            if (Modifiers.Idioms.TryGetValue(phrase, out var idiom))
            {
                valence = idiom;
                break;
            }
        }

        foreach (var pair in new[] { Join(words, at - 3, 2), Join(words, at - 2, 2) })
        {
            valence -= Modifiers.DampeningPairs.Contains(pair) ? Modifiers.Boost : 0;
        }

        return valence;
    }

    private static IEnumerable<string> PhrasesAround(Word[] words, int at)
    {
        yield return Join(words, at - 1, 2);
        yield return Join(words, at - 2, 3);
        yield return Join(words, at - 2, 2);
        yield return Join(words, at - 3, 3);
        yield return Join(words, at - 3, 2);
        yield return Join(words, at, 2);
        yield return Join(words, at, 3);
    }

    private static string Join(Word[] words, int from, int count) =>
        from >= 0 && from + count <= words.Length ? string.Join(' ', words.Skip(from).Take(count).Select(word => word.Lower)) : "";

    /// <summary>What stands before the first "but" counts half, what follows it half as much again.</summary>
    private static void WeighBut(Word[] words, double[] valences)
    {
        var but = Array.FindIndex(words, word => word.Lower == "but");
        for (var i = 0; but >= 0 && i < valences.Length; i++)
        {
            valences[i] *= i < but ? 0.5 : i > but ? 1.5 : 1;
        }
    }
}
