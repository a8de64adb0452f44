using Trunkline.Server.Schemas.Fields;

namespace Trunkline.Server.Traffic;

/// <summary>
/// What one field held in some messages, each message counted once (the first value it has there), so that the counts of messages that came by themselves are
/// independent. Bounded; not thread-safe.
/// </summary>
internal sealed class FieldTally
{
    /// <summary>Different values that are remembered; a field with more has no list of values.</summary>
    public const int ValuesMax = 24;

    /// <summary>Numbers, or lengths of texts, that are kept.</summary>
    public const int SampleMax = 300;

    private const int ValueLengthMax = 40;
    private const int Kinds = 8;

    private static readonly int Forms = Enum.GetValues<TextForm>().Length;

    private readonly int[] _kinds = new int[Kinds];
    private readonly int[] _forms = new int[Forms];
    private readonly List<float> _sizes = [];
    private FieldKinds _also;
    private Dictionary<string, int>? _values = new(StringComparer.Ordinal);

    /// <summary>Messages that have the field.</summary>
    public int Present { get; private set; }

    /// <summary>The values and how often each came, as JSON texts; null if there are too many, or long ones.</summary>
    public IReadOnlyDictionary<string, int>? Values => _values;

    /// <summary>The first numbers, or lengths of texts.</summary>
    public IReadOnlyList<float> Sizes => _sizes;

    /// <summary>Every kind that came.</summary>
    public FieldKinds KindsSeen
    {
        get
        {
            var kinds = FieldKinds.None;
            for (var i = 0; i < Kinds; i++)
            {
                kinds |= _kinds[i] > 0 ? (FieldKinds)(1 << i) : FieldKinds.None;
            }

            return kinds | _also;
        }
    }

    /// <summary>How often a kind came.</summary>
    public int Of(FieldKinds kind) => _kinds[System.Numerics.BitOperations.Log2((uint)kind)];

    /// <summary>How often texts of a form came.</summary>
    public int Of(TextForm form) => _forms[(int)form];

    public void Add(in SeenValue value)
    {
        Present++;
        _kinds[System.Numerics.BitOperations.Log2((uint)value.Kind)]++;
        if (value.Kind == FieldKinds.Text)
        {
            _forms[(int)TextForms.Of(value.Text)]++;
            AddSize(value.Text.Length);
            AddValue(value.Text);
        }
        else if (value.Kind is FieldKinds.Integer or FieldKinds.Number)
        {
            AddSize(value.Number);
            _values = null;
        }
    }

    /// <summary>Notes what further values of the same message are.</summary>
    public void Also(FieldKinds kind) => _also |= kind;

    public void Clear()
    {
        Present = 0;
        _also = FieldKinds.None;
        Array.Clear(_kinds);
        Array.Clear(_forms);
        _sizes.Clear();
        _values = new Dictionary<string, int>(StringComparer.Ordinal);
    }

    /// <summary>Forgets the values; what is left is how many of what kind there were, and how large.</summary>
    public void ForgetValues() => _values = null;

    /// <summary>Takes over what another counted.</summary>
    public void Add(FieldTally other)
    {
        Present += other.Present;
        _also |= other._also;
        for (var i = 0; i < Kinds; i++)
        {
            _kinds[i] += other._kinds[i];
        }

        for (var i = 0; i < Forms; i++)
        {
            _forms[i] += other._forms[i];
        }

        _sizes.AddRange(other._sizes.Take(SampleMax - _sizes.Count));
        foreach (var (value, count) in other._values ?? [])
        {
            AddValue(value, count);
        }

        _values = other._values is null ? null : _values;
    }

    private void AddSize(double size)
    {
        if (_sizes.Count < SampleMax)
        {
            _sizes.Add((float)size);
        }
    }

    private void AddValue(string value, int count = 1)
    {
        if (_values is null)
        {
            return;
        }

        if (value.Length > ValueLengthMax || (_values.Count == ValuesMax && !_values.ContainsKey(value)))
        {
            _values = null;
            return;
        }

        _values[value] = _values.GetValueOrDefault(value) + count;
    }
}

/// <summary>A value that was seen.</summary>
/// <param name="Kind">One kind.</param>
/// <param name="Text">A text's.</param>
/// <param name="Number">A number's.</param>
internal readonly record struct SeenValue(FieldKinds Kind, string Text = "", double Number = 0);
