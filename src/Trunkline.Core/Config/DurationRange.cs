namespace Trunkline.Core.Config;

/// <summary>Two durations, the first not longer than the second: <c>200ms..30s</c>.</summary>
/// <param name="Min">The shorter.</param>
/// <param name="Max">The longer.</param>
public readonly record struct DurationRange(TimeSpan Min, TimeSpan Max)
{
    /// <summary>Reads <c>200ms..30s</c>, or one duration for both ends.</summary>
    public static bool TryParse(string text, out DurationRange value)
    {
        value = default;
        var at = text.IndexOf("..", StringComparison.Ordinal);
        var (first, second) = at < 0 ? (text, text) : (text[..at], text[(at + 2)..]);
        if (!DurationText.TryParse(first.Trim(' '), out var min) || !DurationText.TryParse(second.Trim(' '), out var max) || min > max)
        {
            return false;
        }

        value = new DurationRange(min, max);
        return true;
    }

    /// <summary>As <see cref="TryParse"/> reads it.</summary>
    public override string ToString() => DurationText.Format(Min) + ".." + DurationText.Format(Max);
}
