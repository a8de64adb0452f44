using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Trunkline.Dashboard.Map;

/// <summary>
/// Markup, written as text with holes: what the program says itself is markup, whatever stands in braces is text and is encoded, so that a name cannot become
/// markup by a slip. It stands in for thousands of parts of components where a page is drawn often.
/// </summary>
internal sealed class Markup
{
    private static readonly SearchValues<char> Encoded = SearchValues.Create("&<>\"'");

    private readonly StringBuilder _text = new();

    /// <summary>Adds markup; what stands in braces is text.</summary>
    /// <param name="markup">As <c>$"&lt;b&gt;{name}&lt;/b&gt;"</c>.</param>
    public Markup Add([InterpolatedStringHandlerArgument("")] Holes markup)
    {
        _ = markup;
        return this;
    }

    /// <summary>Takes what was written; the next begins anew.</summary>
    public string Take()
    {
        var taken = _text.ToString();
        _text.Clear();
        return taken;
    }

    private void Encode(ReadOnlySpan<char> text)
    {
        for (int at; (at = text.IndexOfAny(Encoded)) >= 0; text = text[(at + 1)..])
        {
            _text.Append(text[..at]).Append(text[at] switch { '&' => "&amp;", '<' => "&lt;", '>' => "&gt;", '"' => "&quot;", _ => "&#39;" });
        }

        _text.Append(text);
    }

    /// <summary>What the compiler makes of the text with holes.</summary>
    [InterpolatedStringHandler]
    public readonly ref struct Holes
    {
        private readonly Markup _into;

        /// <summary>Begins.</summary>
        public Holes(int literalLength, int formattedCount, Markup into) => _into = into;

        /// <summary>Markup of the program's own.</summary>
        public void AppendLiteral(string markup) => _into._text.Append(markup);

        /// <summary>Text.</summary>
        public void AppendFormatted(string? text) => _into.Encode(text);

        /// <summary>A number, to the tenth at most.</summary>
        public void AppendFormatted(double number) =>
            _ = number == (int)number ? _into._text.Append(CultureInfo.InvariantCulture, $"{(int)number}") : _into._text.Append(CultureInfo.InvariantCulture, $"{number:0.#}");
    }
}
