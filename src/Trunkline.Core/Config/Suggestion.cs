namespace Trunkline.Core.Config;

/// <summary>"Did you mean": the nearest of the known words, by edit distance with swaps of neighbours.</summary>
public static class Suggestion
{
    private const int LengthMax = 64;

    /// <summary>The nearest candidate, or null if none is near (about one slip in three letters).</summary>
    public static string? Closest(string word, IEnumerable<string> candidates)
    {
        if (word.Length is 0 or > LengthMax)
        {
            return null;
        }

        string? best = null;
        var bestDistance = Math.Clamp(word.Length / 3, 1, 3) + 1;
        foreach (var candidate in candidates)
        {
            if (Math.Abs(candidate.Length - word.Length) >= bestDistance)
            {
                continue;
            }

            var distance = Distance(word.ToUpperInvariant(), candidate.ToUpperInvariant());
            if (distance < bestDistance)
            {
                (best, bestDistance) = (candidate, distance);
            }
        }

        return best;
    }

    /// <summary>A remedy: <c>Did you mean 'x'?</c>, or the fallback if nothing is near.</summary>
    public static string Remedy(string word, IEnumerable<string> candidates, string fallback) =>
        Closest(word, candidates) is { } near ? $"Did you mean '{near}'?" : fallback;

    /// <summary>Insertions, deletions, replacements and swaps of neighbours from one word to the other.</summary>
    internal static int Distance(string a, string b)
    {
        var before = new int[b.Length + 1];
        var above = new int[b.Length + 1];
        var row = new int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++)
        {
            above[j] = j;
        }

        for (var i = 1; i <= a.Length; i++)
        {
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = a[i - 1] == b[j - 1] ? 0 : 1;
                row[j] = Math.Min(Math.Min(row[j - 1], above[j]) + 1, above[j - 1] + cost);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    row[j] = Math.Min(row[j], before[j - 2] + 1);
                }
            }

            (before, above, row) = (above, row, before);
        }

        return above[b.Length];
    }
}
