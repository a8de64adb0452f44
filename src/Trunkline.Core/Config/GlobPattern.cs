namespace Trunkline.Core.Config;

/// <summary>
/// A pattern over relative paths: <c>*</c> and <c>?</c> within a part, <c>**</c> for any number of parts. Hidden files and
/// folders match only where the pattern writes the dot. Matching takes time in proportion to pattern times path.
/// </summary>
public sealed class GlobPattern
{
    private readonly string[] _parts;

    /// <summary>Wraps a pattern.</summary>
    /// <param name="pattern">Relative, with forward slashes.</param>
    public GlobPattern(string pattern) => _parts = pattern.Split('/', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The leading parts without wildcards: where a search begins.</summary>
    public string FixedFolder => string.Join('/', _parts.Take(_parts.Length - 1).TakeWhile(p => !IsPattern(p)));

    /// <summary>True if the text holds a wildcard.</summary>
    public static bool IsPattern(string text) => text.AsSpan().ContainsAny('*', '?');

    /// <summary>True if the path matches as a whole.</summary>
    public bool IsMatch(string path) => Reachable(path.Split('/'))[_parts.Length];

    /// <summary>True if something below the folder can match.</summary>
    public bool MayHoldMatches(string folder)
    {
        var reachable = Reachable(folder.Split('/'));
        return Array.IndexOf(reachable, true, 0, _parts.Length) >= 0;
    }

    /// <summary>Which numbers of pattern parts can be used up by the whole path.</summary>
    private bool[] Reachable(string[] path)
    {
        var now = new bool[_parts.Length + 1];
        now[0] = true;
        SkipDoubleStars(now);
        foreach (var part in path)
        {
            var next = new bool[_parts.Length + 1];
            for (var i = 0; i < _parts.Length; i++)
            {
                if (!now[i])
                {
                    continue;
                }

                if (_parts[i] == "**")
                {
                    next[i] |= !part.StartsWith('.');
                }
                else if (PartMatches(_parts[i], part))
                {
                    next[i + 1] = true;
                }
            }

            SkipDoubleStars(next);
            now = next;
        }

        return now;
    }

    private void SkipDoubleStars(bool[] reachable)
    {
        for (var i = 0; i < _parts.Length; i++)
        {
            reachable[i + 1] |= reachable[i] && _parts[i] == "**";
        }
    }

    private static bool PartMatches(string pattern, string text)
    {
        if (text.StartsWith('.') && !pattern.StartsWith('.'))
        {
            return false;
        }

        int p = 0, t = 0, star = -1, mark = 0;
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                (star, mark) = (p++, t);
            }
            else if (p < pattern.Length && (pattern[p] == '?' || pattern[p] == text[t]))
            {
                (p, t) = (p + 1, t + 1);
            }
            else if (star >= 0)
            {
                (p, t) = (star + 1, ++mark);
            }
            else
            {
                return false;
            }
        }

        return pattern.AsSpan(p).TrimStart('*').IsEmpty;
    }
}
