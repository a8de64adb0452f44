using System.Globalization;
using System.Text.Json.Nodes;

namespace Trunkline.Core.Config.Grammar;

/// <summary>The single values every grammar needs.</summary>
public static class Scalars
{
    /// <summary>Any text with something in it, up to 64 Ki characters.</summary>
    public static ScalarType<string> Text { get; } = new("text", FaultCodes.BadValue, (text, _) => NonEmpty(text));

    /// <summary>A text that is never shown.</summary>
    public static ScalarType<string> Secret { get; } = new("secret, best as `${VAR}` or `${file:/path}`", FaultCodes.BadValue, (text, _) => NonEmpty(text)) { IsSecret = true };

    /// <summary>A JavaScript expression.</summary>
    public static ScalarType<string> Expression { get; } = new("expression", FaultCodes.BadExpression, ReadExpression);

    /// <summary><c>true</c> or <c>false</c>.</summary>
    public static ChoiceType<bool> Boolean { get; } = new(("true", true), ("false", false));

    /// <summary>Two durations: <c>200ms..30s</c>.</summary>
    public static ScalarType<DurationRange> Range { get; } = new(
        "range of durations, such as `200ms..30s`",
        FaultCodes.BadRange,
        (text, _) => DurationRange.TryParse(text, out var range)
            ? new ScalarReading<DurationRange>(range)
            : new ScalarReading<DurationRange>(default, "a range of durations, the shorter first", "Write it as 200ms..30s."))
    {
        Form = () => Pattern(@"^[0-9]+(\.[0-9]+)?(ms|s|m|h|d)( *\.\. *[0-9]+(\.[0-9]+)?(ms|s|m|h|d))?$"),
    };

    /// <summary>A whole number.</summary>
    public static ScalarType<int> WholeNumber(int min, int max) => new(
        FormattableString.Invariant($"whole number, {min} to {max}"),
        FaultCodes.BadValue,
        (text, _) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? new ScalarReading<int>(number)
            : new ScalarReading<int>(0, FormattableString.Invariant($"a whole number from {min} to {max}")))
    {
        Form = () => new JsonObject { ["type"] = "integer", ["minimum"] = min, ["maximum"] = max },
    };

    /// <summary>A duration.</summary>
    public static ScalarType<TimeSpan> Duration(TimeSpan min, TimeSpan max) => new(
        $"duration, `{DurationText.Format(min)}` to `{DurationText.Format(max)}`",
        FaultCodes.BadDuration,
        (text, _) => DurationText.TryParse(text, out var duration) && duration >= min && duration <= max
            ? new ScalarReading<TimeSpan>(duration)
            : new ScalarReading<TimeSpan>(
                default,
                $"a duration from {DurationText.Format(min)} to {DurationText.Format(max)}",
                "Write a number and ms, s, m, h or d, such as 200ms, 5s, 7d."))
    {
        Form = () => Pattern(@"^[0-9]+(\.[0-9]+)?(ms|s|m|h|d)$"),
    };

    /// <summary>A size.</summary>
    public static ScalarType<long> Size(long min, long max) => new(
        $"size, `{SizeText.Format(min)}` to `{SizeText.Format(max)}`",
        FaultCodes.BadSize,
        (text, _) => SizeText.TryParse(text, out var size) && size >= min && size <= max
            ? new ScalarReading<long>(size)
            : new ScalarReading<long>(
                0, $"a size from {SizeText.Format(min)} to {SizeText.Format(max)}", "Write a number and KB, MB, GB, TB or KiB, MiB, GiB, TiB, such as 1GB, 64MiB."))
    {
        Form = () => Pattern(@"^[0-9]+(\.[0-9]+)? *(B|[KMGT]B|[KMGT]iB)$"),
    };

    /// <summary>A text checked by a rule.</summary>
    /// <param name="description">For the reference.</param>
    /// <param name="code">Code of the fault.</param>
    /// <param name="problem">What was expected instead, or null.</param>
    public static ScalarType<string> Checked(string description, string code, Func<string, string?> problem) =>
        new(description, code, (text, _) => problem(text) is { } expected ? new ScalarReading<string>(null, expected) : new ScalarReading<string>(text));

    /// <summary>A string schema with a pattern.</summary>
    public static JsonObject Pattern(string pattern) => new() { ["type"] = "string", ["pattern"] = pattern };

    private static ScalarReading<string> NonEmpty(string text) => string.IsNullOrWhiteSpace(text) || text.Length > 65_536
        ? new ScalarReading<string>(null, "a text of 1 to 65536 characters")
        : new ScalarReading<string>(text);

    private static ScalarReading<string> ReadExpression(string text, GrammarReading reading)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return new ScalarReading<string>(null, "an expression", "Write an expression over message and meta, such as message.text.");
        }

        return reading.ExpressionCheck?.Invoke(text) is { } problem
            ? new ScalarReading<string>(null, "an expression (" + Printable.Show(problem, 200) + ")", "Mend the expression.")
            : new ScalarReading<string>(text);
    }
}
