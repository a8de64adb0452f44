using System.Collections.Frozen;

namespace Trunkline.Models.Lexicon;

/// <summary>Words that change how others are felt; the lists and weights of the VADER paper (Hutto &amp; Gilbert 2014) and its word lists.</summary>
internal static class Modifiers
{
    /// <summary>What an intensifier adds, and a dampener takes.</summary>
    public const double Boost = 0.293;

    /// <summary>What capitals add.</summary>
    public const double Shout = 0.733;

    /// <summary>What a negation multiplies with.</summary>
    public const double Negation = -0.74;

    public static readonly FrozenSet<string> Intensifiers = Set(
        "absolutely amazingly awfully completely considerable considerably decidedly deeply effing enormous enormously entirely especially " +
        "exceptional exceptionally extreme extremely fabulously flippin flipping frackin fracking frickin fricking friggin frigging fuckin " +
        "fucking fuggin fugging fully greatly hella highly hugely incredible incredibly intensely major majorly more most particularly purely " +
        "quite really remarkably so substantially thoroughly total totally tremendous tremendously uber unbelievably unusually utter utterly very");

    public static readonly FrozenSet<string> Dampeners = Set(
        "almost barely hardly kinda kindof kind-of less little marginal marginally occasional occasionally partly scarce scarcely slight " +
        "slightly somewhat sorta sortof sort-of");

    /// <summary>Dampeners of two words.</summary>
    public static readonly FrozenSet<string> DampeningPairs = new[] { "just enough", "kind of", "sort of" }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Phrases felt differently from their words.</summary>
    public static readonly FrozenDictionary<string, double> Idioms = new Dictionary<string, double>
    {
        ["the shit"] = 3,
        ["the bomb"] = 3,
        ["bad ass"] = 1.5,
        ["badass"] = 1.5,
        ["yeah right"] = -2,
        ["kiss of death"] = -1.5,
        ["cut the mustard"] = 2,
        ["hand to mouth"] = -2,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenSet<string> s_negations = Set(
        "aint arent cannot cant couldnt darent despite didnt doesnt dont hadnt hasnt havent isnt mightnt mustnt neednt neither never none nope " +
        "nor not nothing nowhere oughtnt rarely seldom shant shouldnt uh-uh uhuh wasnt werent without wont wouldnt");

    public static bool Negates(string lower) => s_negations.Contains(lower) || lower.Contains("n't", StringComparison.Ordinal);

    /// <summary>What a word before adds to a positive word; 0 for most words.</summary>
    public static double BoostOf(string lower) => Intensifiers.Contains(lower) ? Boost : Dampeners.Contains(lower) ? -Boost : 0;

    private static FrozenSet<string> Set(string words) => words.Split(' ').ToFrozenSet(StringComparer.Ordinal);
}
