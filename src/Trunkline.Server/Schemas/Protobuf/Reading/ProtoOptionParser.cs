using System.Text;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Kind = Trunkline.Server.Schemas.Protobuf.Reading.ProtoTokenKind;

namespace Trunkline.Server.Schemas.Protobuf.Reading;

/// <summary>Reads options: as they were written, not yet looked up. Values in braces are kept as text in one form.</summary>
internal sealed class ProtoOptionParser(ProtoTokens tokens)
{
    private int _depth;

    /// <summary>What follows the word <c>option</c>, with its semicolon.</summary>
    public UninterpretedOption Statement()
    {
        var option = Option();
        tokens.Expect(';');
        return option;
    }

    /// <summary>What follows a bracket, with the closing one.</summary>
    public IReadOnlyList<UninterpretedOption> List()
    {
        var options = new List<UninterpretedOption>();
        do
        {
            options.Add(Option());
        }
        while (tokens.TryTake(','));
        tokens.Expect(']');
        return options;
    }

    private UninterpretedOption Option()
    {
        var option = new UninterpretedOption();
        do
        {
            option.Name.Add(NamePart());
        }
        while (tokens.TryTake('.'));
        tokens.Expect('=');
        Value(option);
        return option;
    }

    private UninterpretedOption.Types.NamePart NamePart()
    {
        if (!tokens.TryTake('('))
        {
            return new() { NamePart_ = Word(), IsExtension = false };
        }

        var name = (tokens.TryTake('.') ? "." : "") + Word();
        while (tokens.TryTake('.'))
        {
            name += "." + Word();
        }

        tokens.Expect(')');
        return new() { NamePart_ = name, IsExtension = true };
    }

    private string Word() => tokens.Expect(Kind.Word, "the name of an option");

    private void Value(UninterpretedOption option)
    {
        var token = tokens.Current;
        if (token.Kind == Kind.Quoted)
        {
            option.StringValue = ByteString.CopyFrom(Encoding.Latin1.GetBytes(Texts()));
        }
        else if (token.Is('{'))
        {
            option.AggregateValue = Aggregate('{', '}');
        }
        else
        {
            Plain(option);
        }
    }

    private void Plain(UninterpretedOption option)
    {
        var negative = tokens.TryTake('-');
        var token = tokens.Current;
        if (token.Kind == Kind.Word)
        {
            var word = tokens.Take().Text;
            if (negative)
            {
                option.DoubleValue = word is "inf" ? double.NegativeInfinity : word is "nan" ? double.NaN : throw tokens.Fault("a number is expected after '-'");
            }
            else
            {
                option.IdentifierValue = word;
            }
        }
        else if (token.Kind == Kind.Integer && ProtoNumbers.TryInteger(token.Text, out var whole) && (!negative || whole <= 1UL << 63))
        {
            tokens.Take();
            if (negative)
            {
                option.NegativeIntValue = unchecked((long)-(Int128)whole);
            }
            else
            {
                option.PositiveIntValue = whole;
            }
        }
        else if (token.Kind is Kind.Decimal or Kind.Integer && ProtoNumbers.TryDecimal(token.Text, out var number))
        {
            tokens.Take();
            option.DoubleValue = negative ? -number : number;
        }
        else
        {
            throw tokens.Fault("the value of an option is expected");
        }
    }

    /// <summary>Texts that follow each other are one.</summary>
    private string Texts()
    {
        var text = tokens.Expect(Kind.Quoted, "a text");
        while (tokens.Current.Kind == Kind.Quoted)
        {
            text += tokens.Take().Text;
        }

        return text;
    }

    /// <summary>A value in braces, an entry a line.</summary>
    private string Aggregate(char open, char close)
    {
        if (++_depth > ProtoParser.DepthMax)
        {
            throw tokens.Fault(FormattableString.Invariant($"the value is nested deeper than {ProtoParser.DepthMax} levels"));
        }

        tokens.Expect(open);
        var lines = new List<string>();
        while (!tokens.TryTake(close))
        {
            var name = EntryName();
            var colon = tokens.TryTake(':');
            lines.Add($"{name}: {(colon || tokens.Current.Is('{') || tokens.Current.Is('<') ? EntryValue() : throw tokens.Fault("':' is expected"))}");
            _ = tokens.TryTake(',') || tokens.TryTake(';');
        }

        _depth--;
        return ProtoText.Block(lines);
    }

    private string EntryName()
    {
        if (!tokens.TryTake('['))
        {
            return Word();
        }

        var name = new StringBuilder("[");
        while (!tokens.TryTake(']'))
        {
            var token = tokens.Take();
            name.Append(token.Kind is Kind.Word || token.Is('.') || token.Is('/') ? token.Text : throw tokens.Fault("the name of an extension is expected"));
        }

        return name.Append(']').ToString();
    }

    private string EntryValue()
    {
        var token = tokens.Current;
        if (token.Is('{') || token.Is('<'))
        {
            return "{\n" + Aggregate(token.Text[0], token.Is('{') ? '}' : '>') + "}";
        }

        if (token.Is('['))
        {
            return Values();
        }

        if (token.Kind == Kind.Quoted)
        {
            return $"\"{ProtoText.Escape(Texts())}\"";
        }

        var sign = tokens.TryTake('-') ? "-" : "";
        return tokens.Current.Kind is Kind.Word or Kind.Integer or Kind.Decimal ? sign + tokens.Take().Text : throw tokens.Fault("a value is expected");
    }

    private string Values()
    {
        tokens.Take();
        if (++_depth > ProtoParser.DepthMax)
        {
            throw tokens.Fault(FormattableString.Invariant($"the value is nested deeper than {ProtoParser.DepthMax} levels"));
        }

        var lines = new List<string>();
        while (!tokens.TryTake(']'))
        {
            if (lines.Count > 0)
            {
                tokens.Expect(',');
            }

            lines.Add(EntryValue());
        }

        _depth--;
        return "[\n" + ProtoText.Block(lines) + "]";
    }
}
