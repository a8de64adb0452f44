using System.Text;

namespace Trunkline.Server.Schemas.Json.Counterexamples;

/// <summary>Short texts to try where patterns are involved. They prove nothing; what is found is checked.</summary>
internal static class Samples
{
    private static readonly string[] s_plain = ["", "a", "b", "c", "0", "1", "A", "Z", "x", " ", "-", "_", ".", "aa", "bb", "ab", "ba", "é", "zz", "12"];

    /// <summary>Texts, those of which a pattern says something first.</summary>
    public static IEnumerable<string> Texts(IEnumerable<string> patterns)
    {
        var pieces = patterns.SelectMany(Pieces).Distinct(StringComparer.Ordinal).Take(12).ToList();
        return pieces.Concat(pieces.SelectMany(one => pieces.Select(other => one + other)))
            .Concat(pieces.SelectMany(one => s_plain.Where(plain => plain.Length == 1).SelectMany(plain => (string[])[one + plain, plain + one, plain + one + plain])))
            .Concat(s_plain)
            .Concat(Enumerable.Range(0, 20).Select(i => FormattableString.Invariant($"p{i}")))
            .Distinct(StringComparer.Ordinal);
    }

    /// <summary>What a pattern says literally, and a text it may match: each class by a member, each repetition once.</summary>
    private static IEnumerable<string> Pieces(string pattern)
    {
        var literal = new StringBuilder();
        for (var i = 0; i < pattern.Length; i++)
        {
            switch (pattern[i])
            {
                case '^' or '$' or '(' or ')' or '*' or '+' or '?' or '|':
                    break;
                case '.':
                    literal.Append('a');
                    break;
                case '\\' when i + 1 < pattern.Length:
                    literal.Append(pattern[++i] switch { 'd' => '1', 'w' => 'a', 's' => ' ', 'D' or 'S' => 'x', 'W' => '-', var other => other });
                    break;
                case '[' when pattern.IndexOf(']', i) is > 0 and var end:
                    var negated = pattern[i + 1] == '^';
                    literal.Append(negated ? '~' : pattern[i + 1] == '\\' ? '1' : pattern[i + 1]);
                    i = end;
                    break;
                case '{' when pattern.IndexOf('}', i) is > 0 and var end:
                    var count = new string([.. pattern[(i + 1)..end].TakeWhile(char.IsAsciiDigit)]);
                    if (literal.Length > 0 && int.TryParse(count, out var times) && times is > 1 and < 1000)
                    {
                        literal.Append(literal[^1], times - 1);
                    }

                    i = end;
                    break;
                default:
                    literal.Append(pattern[i]);
                    break;
            }
        }

        var text = literal.ToString();
        return text.Length == 0 ? [] : [text, .. pattern.Split('|', '(', ')').Length > 1 ? pattern.Split('|').SelectMany(part => part == pattern ? [] : Pieces(part.Replace("(", "", StringComparison.Ordinal).Replace(")", "", StringComparison.Ordinal))) : []];
    }
}
