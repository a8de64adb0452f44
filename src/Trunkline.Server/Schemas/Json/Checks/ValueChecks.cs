using System.Globalization;
using Trunkline.Server.Expressions;
using Trunkline.Server.Schemas.Json.Compiling;
using Trunkline.Server.Schemas.Json.Values;

namespace Trunkline.Server.Schemas.Json.Checks;

/// <summary><c>enum</c> and <c>const</c>.</summary>
internal sealed class EnumCheck : SchemaCheck
{
    private const int Few = 4;
    private readonly string _keyword;
    private readonly JsonIndex _schema;
    private readonly int[] _values;
    private readonly ValueSet? _many;

    public EnumCheck(string keyword, JsonIndex schema, int[] values)
    {
        (_keyword, _schema, _values) = (keyword, schema, values);
        if (values.Length > Few)
        {
            _many = new ValueSet();
            foreach (var value in values)
            {
                _many.Add(schema, value);
            }
        }
    }

    /// <summary>Where the values stand.</summary>
    public JsonIndex Schema => _schema;

    /// <summary>The values.</summary>
    public IReadOnlyList<int> Values => _values;

    public override bool Passes(Evaluation run, SchemaNode node, int token, Evaluated? seen)
    {
        if (_many?.Contains(run.Document, token) ?? IsOneOfFew(run.Document, token))
        {
            return true;
        }

        run.Fault(token, node, _keyword, _keyword == "const" ? "is not the one value allowed" : string.Create(CultureInfo.InvariantCulture, $"is none of the {_values.Length} values allowed"));
        return false;
    }

    private bool IsOneOfFew(JsonIndex document, int token)
    {
        foreach (var value in _values)
        {
            if (JsonEquality.AreEqual(_schema, value, document, token))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary><c>minimum</c>, <c>maximum</c> and their exclusive forms.</summary>
internal sealed class BoundCheck(string keyword, NumberBound bound, bool least, bool exclusive, string shown) : SchemaCheck
{
    public override KindMask For => KindMask.Numbers;

    public ExactDecimal Bound => bound.Exact;

    public bool IsLeast => least;

    public bool IsExclusive => exclusive;

    public override bool Passes(Evaluation run, SchemaNode node, int token, Evaluated? seen)
    {
        var order = bound.Compare(run.Document.Raw(token));
        if (least ? order > 0 || (order == 0 && !exclusive) : order < 0 || (order == 0 && !exclusive))
        {
            return true;
        }

        run.Fault(token, node, keyword, $"must be {(least ? "greater" : "less")} than {(exclusive ? "" : "or equal to ")}{shown}");
        return false;
    }
}

/// <summary><c>multipleOf</c>.</summary>
internal sealed class MultipleOfCheck(NumberBound divisor, string shown) : SchemaCheck
{
    public override KindMask For => KindMask.Numbers;

    public ExactDecimal Divisor => divisor.Exact;

    public override bool Passes(Evaluation run, SchemaNode node, int token, Evaluated? seen)
    {
        if (divisor.Divides(run.Document.Raw(token)))
        {
            return true;
        }

        run.Fault(token, node, "multipleOf", $"must be a multiple of {shown}");
        return false;
    }
}

/// <summary><c>minLength</c> and <c>maxLength</c>, in code points.</summary>
internal sealed class LengthCheck(long least, long most) : SchemaCheck
{
    public override KindMask For => KindMask.Strings;

    public long Least => least;

    public long Most => most;

    public override bool Passes(Evaluation run, SchemaNode node, int token, Evaluated? seen)
    {
        var text = run.Document.Utf8Of(token);
        if (text.Length <= most && text.Length >= least * 4)
        {
            return true;
        }

        var length = 0L;
        foreach (var unit in text)
        {
            // A code point has one byte that does not continue another.
            length += (unit & 0xc0) == 0x80 ? 0 : 1;
        }

        if (length < least)
        {
            run.Fault(token, node, "minLength", string.Create(CultureInfo.InvariantCulture, $"must have at least {least} characters"));
        }

        if (length > most)
        {
            run.Fault(token, node, "maxLength", string.Create(CultureInfo.InvariantCulture, $"must have at most {most} characters"));
        }

        return length >= least && length <= most;
    }
}

/// <summary><c>pattern</c>.</summary>
internal sealed class PatternCheck(SchemaPattern pattern) : SchemaCheck
{
    public override KindMask For => KindMask.Strings;

    public SchemaPattern Pattern => pattern;

    public override bool Passes(Evaluation run, SchemaNode node, int token, Evaluated? seen)
    {
        if (pattern.IsMatch(run, run.Document.Text(token)))
        {
            return true;
        }

        run.Fault(token, node, "pattern", $"must match {pattern.Shown}");
        return false;
    }
}

/// <summary><c>format</c>, where formats are checked.</summary>
internal sealed class FormatCheck(string format, Func<string, bool> accepts) : SchemaCheck
{
    public override KindMask For => KindMask.Strings;

    public string Format => format;

    public override bool Passes(Evaluation run, SchemaNode node, int token, Evaluated? seen)
    {
        if (accepts(run.Document.Text(token)))
        {
            return true;
        }

        run.Fault(token, node, "format", $"must have the format {format}");
        return false;
    }
}
