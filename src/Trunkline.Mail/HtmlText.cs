using System.Text;
using MimeKit.Text;

namespace Trunkline.Mail;

/// <summary>
/// Turns HTML into the text a reader would see: no scripts, styles or comments, lines where blocks end, white space collapsed
/// outside <c>pre</c>. Never longer than its input by more than a line end per tag; linear in time.
/// </summary>
internal sealed class HtmlText
{
    private readonly StringBuilder _text = new();
    private int _preformatted;
    private HtmlTagId? _hidden;
    private bool _space;

    private HtmlText()
    {
    }

    public static string Of(string html)
    {
        using var reader = new StringReader(html);
        var tokenizer = new HtmlTokenizer(reader) { DecodeCharacterReferences = true, IgnoreTruncatedTags = true };
        var text = new HtmlText();
        while (tokenizer.ReadNextToken(out var token))
        {
            text.Add(token);
        }

        // A numeric character reference can name NUL or half a surrogate pair.
        return CleanText.Of(text._text.ToString().Trim());
    }

    private void Add(HtmlToken token)
    {
        switch (token)
        {
            case HtmlTagToken tag:
                Add(tag);
                break;
            case HtmlDataToken data when _hidden is null && data.Kind is HtmlTokenKind.Data or HtmlTokenKind.CData:
                Add(data.Data);
                break;
        }
    }

    private void Add(HtmlTagToken tag)
    {
        if (IsHidden(tag.Id))
        {
            if (!tag.IsEndTag && !tag.IsEmptyElement)
            {
                _hidden ??= tag.Id;
            }
            else if (_hidden == tag.Id)
            {
                _hidden = null;
            }

            return;
        }

        if (tag.Id == HtmlTagId.Pre)
        {
            _preformatted = Math.Max(0, _preformatted + (tag.IsEndTag ? -1 : 1));
        }

        if (tag.Id is HtmlTagId.TD or HtmlTagId.TH)
        {
            _space = true;
        }
        else if (IsBlock(tag.Id))
        {
            Break(tag.Id == HtmlTagId.Br);
        }
    }

    private void Add(string data)
    {
        if (_hidden is not null)
        {
            return;
        }

        if (_preformatted > 0)
        {
            _text.Append(data);
            return;
        }

        foreach (var c in data)
        {
            if (char.IsWhiteSpace(c))
            {
                _space = true;
                continue;
            }

            if (_space && _text.Length > 0 && _text[^1] != '\n')
            {
                _text.Append(' ');
            }

            _space = false;
            _text.Append(c);
        }
    }

    /// <summary>Ends the line; never more than one empty line in a row.</summary>
    private void Break(bool always)
    {
        _space = false;
        var length = _text.Length;
        if (length == 0 || (length > 1 && _text[^1] == '\n' && _text[^2] == '\n'))
        {
            return;
        }

        if (always || _text[^1] != '\n')
        {
            _text.Append('\n');
        }
    }

    private static bool IsHidden(HtmlTagId id) =>
        id is HtmlTagId.Script or HtmlTagId.Style or HtmlTagId.Title;

    private static bool IsBlock(HtmlTagId id) =>
        id is HtmlTagId.Br or HtmlTagId.P or HtmlTagId.Div or HtmlTagId.TR or HtmlTagId.Table or HtmlTagId.LI or HtmlTagId.UL or HtmlTagId.OL
            or HtmlTagId.H1 or HtmlTagId.H2 or HtmlTagId.H3 or HtmlTagId.H4 or HtmlTagId.H5 or HtmlTagId.H6 or HtmlTagId.HR or HtmlTagId.Pre
            or HtmlTagId.BlockQuote or HtmlTagId.Center or HtmlTagId.Form or HtmlTagId.Section or HtmlTagId.Article or HtmlTagId.Header
            or HtmlTagId.Footer or HtmlTagId.DD or HtmlTagId.DT or HtmlTagId.Option or HtmlTagId.Caption;
}
