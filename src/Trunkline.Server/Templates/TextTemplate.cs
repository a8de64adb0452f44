using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.RegularExpressions;
using Fluid;
using Fluid.Values;
using Trunkline.Messaging;

namespace Trunkline.Server.Templates;

/// <summary>
/// A text made from a message by a Liquid template, which sees <c>message</c> and <c>meta</c> and nothing else: no files, no clock. Steps, depth,
/// sizes of values and of the text are bounded. Thread-safe.
/// </summary>
internal sealed partial class TextTemplate
{
    /// <summary>The longest text, in characters.</summary>
    public const int TextLengthMax = 256 * 1024;

    private const int TemplateLengthMax = 64 * 1024;
    private const int StepsMax = 20_000;
    private const int DepthMax = 20;

    private static readonly FluidParser Parser = new(new FluidParserOptions { AllowFunctions = false });

    private static readonly TemplateOptions Options = new()
    {
        MaxSteps = StepsMax,
        MaxRecursion = DepthMax,
        CultureInfo = CultureInfo.InvariantCulture,
        TimeZone = TimeZoneInfo.Utc,
        Assigned = (_, value, _) => Bounded(value),
        Captured = (_, value, _) => Bounded(value),
    };

    private readonly IFluidTemplate _template;

    /// <summary>Throws <see cref="ArgumentException"/> for a text with a <see cref="Problem"/>.</summary>
    public TextTemplate(string text) =>
        _template = Parse(text, out var problem) ?? throw new ArgumentException($"The template cannot be used: {problem}.", nameof(text));

    /// <summary>What is wrong with a template, or null.</summary>
    public static string? Problem(string text)
    {
        Parse(text, out var problem);
        return problem;
    }

    /// <summary>What a template without a <see cref="Problem"/> reads of the body; see <see cref="TemplateReads"/>.</summary>
    public static IReadOnlySet<string> ReadsOf(string text, Func<string, string?, string> join) =>
        Parse(text, out _) is { } template ? TemplateReads.Of(template, join) : new HashSet<string>();

    /// <summary>The text for a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="escapes">How values are escaped in it; the template's own text is not.</param>
    /// <exception cref="TemplateException">The message makes it pass a bound, or a filter cannot take a value.</exception>
    public async ValueTask<string> RenderAsync(Message message, TextEncoder escapes)
    {
        var context = new TemplateContext(Options) { Now = () => message.Time ?? DateTimeOffset.UnixEpoch };
        context.SetValue("message", TemplateValues.OfBody(message));
        context.SetValue("meta", TemplateValues.OfMeta(message));
        using var text = new BoundedWriter(TextLengthMax);
        try
        {
            await _template.RenderAsync(text, escapes, context);
            return text.ToString();
        }
        catch (Exception failed) when (failed is not TemplateException)
        {
            // The boundary to the template engine: what it throws depends on the values, and its texts may show them.
            throw new TemplateException($"the template cannot be filled: {failed.GetType().Name}", failed);
        }
    }

    private static IFluidTemplate? Parse(string text, out string? problem)
    {
        problem = null;
        if (text.Length > TemplateLengthMax)
        {
            problem = FormattableString.Invariant($"it is longer than {TemplateLengthMax} characters");
            return null;
        }

        if (Forbidden().Match(text) is { Success: true } found)
        {
            problem = found.Value.Contains("..", StringComparison.Ordinal) ? "ranges are not taken; loop over a list of the message" : $"'{found.Groups["tag"].Value}' reads other files";
            return null;
        }

        return Parser.TryParse(text, out var template, out problem) ? template : null;
    }

    private static ValueTask<FluidValue> Bounded(FluidValue value) => value.Type == FluidValues.String && value.ToStringValue().Length > TextLengthMax
        ? throw new TemplateException(FormattableString.Invariant($"a value of the template is longer than {TextLengthMax} characters"))
        : new ValueTask<FluidValue>(value);

    // A range is made whole in memory, whatever size the message says.
    [GeneratedRegex(@"\{[%{]-?[^%}]*?\([^()]*\.\.|\{%-?\s*(?<tag>include|render|layout|from|import)\b", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Forbidden();

    private sealed class BoundedWriter(int lengthMax) : StringWriter(CultureInfo.InvariantCulture)
    {
        public override void Write(char value)
        {
            Check(1);
            base.Write(value);
        }

        public override void Write(string? value)
        {
            Check(value?.Length ?? 0);
            base.Write(value);
        }

        public override void Write(char[] buffer, int index, int count)
        {
            Check(count);
            base.Write(buffer, index, count);
        }

        public override void Write(ReadOnlySpan<char> buffer)
        {
            Check(buffer.Length);
            base.Write(buffer);
        }

        private void Check(int more)
        {
            if (GetStringBuilder().Length + more > lengthMax)
            {
                throw new TemplateException(FormattableString.Invariant($"the text of the template is longer than {lengthMax} characters"));
            }
        }
    }
}

/// <summary>A message cannot be made a text. The text carries nothing of the message.</summary>
internal sealed class TemplateException(string message, Exception? inner = null) : Exception(message, inner);
