using System.Globalization;
using System.Text;

namespace Trunkline.Server.Schemas.Protobuf.Reading;

/// <summary>The tokens of a .proto file, one after another, without blanks and comments.</summary>
internal sealed class ProtoTokens
{
    private readonly string _text;
    private int _at;
    private int _line = 1;
    private int _lineStart;

    /// <param name="text">The file.</param>
    public ProtoTokens(string text)
    {
        _text = text;
        Current = Read();
    }

    /// <summary>The token that comes next.</summary>
    public ProtoToken Current { get; private set; }

    /// <summary>Takes the next token.</summary>
    public ProtoToken Take()
    {
        var token = Current;
        Current = Read();
        return token;
    }

    /// <summary>Takes a symbol if it comes next.</summary>
    public bool TryTake(char symbol) => Current.Is(symbol) && Take().Kind == ProtoTokenKind.Symbol;

    /// <summary>Takes a word if it comes next.</summary>
    public bool TryTake(string word) => Current.Is(word) && Take().Kind == ProtoTokenKind.Word;

    /// <summary>Takes a symbol that must come next.</summary>
    public void Expect(char symbol)
    {
        if (!TryTake(symbol))
        {
            throw Fault($"'{symbol}' is expected");
        }
    }

    /// <summary>Takes a token of a kind that must come next.</summary>
    public string Expect(ProtoTokenKind kind, string what) => Current.Kind == kind ? Take().Text : throw Fault($"{what} is expected");

    /// <summary>What is wrong with the token that comes next.</summary>
    public ProtoSyntaxException Fault(string why) => new(
        Current.Kind == ProtoTokenKind.End ? why + ", but the file ends" : why, Current.Line, Current.Column);

    private ProtoToken Read()
    {
        SkipBlanks();
        var (start, column) = (_at, _at - _lineStart + 1);
        if (_at >= _text.Length)
        {
            return new(ProtoTokenKind.End, "", _line, column);
        }

        var first = _text[_at];
        if (char.IsAsciiLetter(first) || first == '_')
        {
            while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] == '_'))
            {
                _at++;
            }

            return new(ProtoTokenKind.Word, _text[start.._at], _line, column);
        }

        if (char.IsAsciiDigit(first) || (first == '.' && _at + 1 < _text.Length && char.IsAsciiDigit(_text[_at + 1])))
        {
            return Number(start, column);
        }

        if (first is '"' or '\'')
        {
            return new(ProtoTokenKind.Quoted, Quoted(column), _line, column);
        }

        _at++;
        return char.IsAscii(first) && !char.IsControl(first)
            ? new(ProtoTokenKind.Symbol, first.ToString(), _line, column)
            : throw new ProtoSyntaxException(string.Create(CultureInfo.InvariantCulture, $"the character U+{(int)first:X4} has no meaning outside of quotes"), _line, column);
    }

    private void SkipBlanks()
    {
        while (_at < _text.Length)
        {
            var (c, next) = (_text[_at], _at + 1 < _text.Length ? _text[_at + 1] : '\0');
            if (c == '\n')
            {
                NextLine();
            }
            else if (c is ' ' or '\t' or '\r' or '\f' or '\v' || (c == '\uFEFF' && _at == 0))
            {
                _at++;
            }
            else if (c == '/' && next == '/')
            {
                _at = _text.IndexOf('\n', _at) is >= 0 and var end ? end : _text.Length;
            }
            else if (c == '/' && next == '*')
            {
                SkipComment();
            }
            else
            {
                return;
            }
        }
    }

    private void SkipComment()
    {
        var (line, column) = (_line, _at - _lineStart + 1);
        var end = _text.IndexOf("*/", _at + 2, StringComparison.Ordinal);
        if (end < 0)
        {
            throw new ProtoSyntaxException("the comment is not closed", line, column);
        }

        while (_at < end)
        {
            if (_text[_at] == '\n')
            {
                NextLine();
            }
            else
            {
                _at++;
            }
        }

        _at = end + 2;
    }

    private void NextLine()
    {
        _line++;
        _lineStart = ++_at;
    }

    private ProtoToken Number(int start, int column)
    {
        while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] == '.'
            || (_text[_at] is '+' or '-' && _text[_at - 1] is 'e' or 'E' && !_text.AsSpan(start).StartsWith("0x", StringComparison.OrdinalIgnoreCase))))
        {
            _at++;
        }

        var text = _text[start.._at];
        if (ProtoNumbers.TryInteger(text, out _))
        {
            return new(ProtoTokenKind.Integer, text, _line, column);
        }

        return ProtoNumbers.TryDecimal(text, out _)
            ? new(ProtoTokenKind.Decimal, text, _line, column)
            : throw new ProtoSyntaxException("this is no number, or one beyond 64 bits", _line, column);
    }

    private string Quoted(int column)
    {
        var quote = _text[_at++];
        var bytes = new StringBuilder();
        while (_at < _text.Length && _text[_at] != quote && _text[_at] != '\n')
        {
            if (_text[_at] == '\\')
            {
                Escape(bytes, column);
                continue;
            }

            var length = char.IsHighSurrogate(_text[_at]) && _at + 1 < _text.Length && char.IsLowSurrogate(_text[_at + 1]) ? 2 : 1;
            foreach (var one in Encoding.UTF8.GetBytes(_text.Substring(_at, length)))
            {
                bytes.Append((char)one);
            }

            _at += length;
        }

        if (_at >= _text.Length || _text[_at] != quote)
        {
            throw new ProtoSyntaxException("the text is not closed on its line", _line, column);
        }

        _at++;
        return bytes.ToString();
    }

    private void Escape(StringBuilder bytes, int column)
    {
        var c = _at + 1 < _text.Length ? _text[_at + 1] : '\0';
        _at += 2;
        switch (c)
        {
            case 'x' or 'X':
                bytes.Append((char)Digits(16, 2, column));
                break;
            case >= '0' and <= '7':
                _at--;
                bytes.Append((char)(Digits(8, 3, column) & 0xFF));
                break;
            case 'u' or 'U':
                var scalar = Digits(16, c == 'u' ? 4 : 8, column);
                if (!Rune.TryCreate(scalar, out var rune))
                {
                    throw new ProtoSyntaxException("there is no such character", _line, column);
                }

                foreach (var one in Encoding.UTF8.GetBytes(rune.ToString()))
                {
                    bytes.Append((char)one);
                }

                break;
            default:
                var known = "abfnrtv\\'\"?".IndexOf(c, StringComparison.Ordinal);
                bytes.Append(known >= 0 ? "\a\b\f\n\r\t\v\\'\"?"[known] : throw new ProtoSyntaxException("there is no such escape", _line, column));
                break;
        }
    }

    private int Digits(int radix, int most, int column)
    {
        var value = 0;
        var count = 0;
        for (; count < most && _at < _text.Length && ProtoNumbers.Digit(_text[_at]) is var digit && digit < radix; count++, _at++)
        {
            value = unchecked((value * radix) + digit);
        }

        return count > 0 ? value : throw new ProtoSyntaxException("an escape needs digits", _line, column);
    }
}
