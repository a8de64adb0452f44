namespace Trunkline.Server.Schemas.Json.Values;

/// <summary>References to addresses, resolved after RFC 3986, 5.2. System.Uri changes the text of some addresses, so it cannot be used for names.</summary>
internal readonly record struct UriReference(string? Scheme, string? Authority, string Path, string? Query, string? Fragment)
{
    /// <summary>Takes an address apart; every text is one.</summary>
    public static UriReference Parse(string text)
    {
        string? fragment = null, query = null, scheme = null, authority = null;
        if (text.IndexOf('#', StringComparison.Ordinal) is >= 0 and var hash)
        {
            (text, fragment) = (text[..hash], text[(hash + 1)..]);
        }

        if (text.IndexOf('?', StringComparison.Ordinal) is >= 0 and var mark)
        {
            (text, query) = (text[..mark], text[(mark + 1)..]);
        }

        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon > 0 && char.IsAsciiLetter(text[0]) && text.AsSpan(0, colon).IndexOfAnyExceptInRange('+', 'z') < 0 && !text.AsSpan(0, colon).Contains('/'))
        {
            (scheme, text) = (text[..colon], text[(colon + 1)..]);
        }

        if (text.StartsWith("//", StringComparison.Ordinal))
        {
            var end = text.IndexOf('/', 2);
            (authority, text) = end < 0 ? (text[2..], "") : (text[2..end], text[end..]);
        }

        return new(scheme, authority, text, query, fragment);
    }

    /// <summary>The address a reference means from a base.</summary>
    public static string Resolve(string from, string reference)
    {
        var (to, start) = (Parse(reference), Parse(from));
        if (to.Scheme is not null)
        {
            return (to with { Path = WithoutDots(to.Path) }).ToString();
        }

        if (to.Authority is not null)
        {
            return (to with { Scheme = start.Scheme, Path = WithoutDots(to.Path) }).ToString();
        }

        if (to.Path.Length == 0)
        {
            return (start with { Query = to.Query ?? start.Query, Fragment = to.Fragment }).ToString();
        }

        var path = to.Path[0] == '/' ? to.Path
            : start is { Authority: not null, Path: "" } ? "/" + to.Path
            : start.Path[..(start.Path.LastIndexOf('/') + 1)] + to.Path;
        return (start with { Path = WithoutDots(path), Query = to.Query, Fragment = to.Fragment }).ToString();
    }

    /// <summary>The address without its fragment, and the fragment.</summary>
    public static (string Address, string Fragment) Split(string address)
    {
        var hash = address.IndexOf('#', StringComparison.Ordinal);
        return hash < 0 ? (address, "") : (address[..hash], address[(hash + 1)..]);
    }

    /// <inheritdoc/>
    public override string ToString() =>
        (Scheme is null ? "" : Scheme + ":") + (Authority is null ? "" : "//" + Authority) + Path
        + (Query is null ? "" : "?" + Query) + (Fragment is null ? "" : "#" + Fragment);

    private static string WithoutDots(string path)
    {
        if (!path.Contains("./", StringComparison.Ordinal) && !path.EndsWith('.'))
        {
            return path;
        }

        var parts = new List<string>();
        var all = path.Split('/');
        for (var i = 0; i < all.Length; i++)
        {
            if (all[i] is "." or "..")
            {
                if (all[i] == ".." && parts.Count > (path[0] == '/' ? 1 : 0))
                {
                    parts.RemoveAt(parts.Count - 1);
                }

                if (i == all.Length - 1)
                {
                    parts.Add("");
                }

                continue;
            }

            parts.Add(all[i]);
        }

        return string.Join('/', parts);
    }
}
