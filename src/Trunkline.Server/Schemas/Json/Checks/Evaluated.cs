namespace Trunkline.Server.Schemas.Json.Checks;

/// <summary>Which properties or items of one value some keyword has looked at, for unevaluatedProperties and unevaluatedItems.</summary>
internal sealed class Evaluated
{
    private readonly ulong[] _bits;

    /// <summary>Nothing evaluated yet.</summary>
    /// <param name="count">Properties or items of the value.</param>
    public Evaluated(int count) => _bits = new ulong[(count + 63) / 64];

    private Evaluated(ulong[] bits) => _bits = bits;

    /// <summary>True if the property or item at this place was evaluated.</summary>
    public bool this[int place] => (_bits[place >> 6] & (1UL << place)) != 0;

    /// <summary>Marks one.</summary>
    public void Mark(int place) => _bits[place >> 6] |= 1UL << place;

    /// <summary>Marks all.</summary>
    public void MarkAll() => Array.Fill(_bits, ulong.MaxValue);

    /// <summary>Marks what is marked in another.</summary>
    public void Add(Evaluated other)
    {
        for (var i = 0; i < _bits.Length; i++)
        {
            _bits[i] |= other._bits[i];
        }
    }

    /// <summary>The marks as they are now.</summary>
    public Evaluated Copy() => new((ulong[])_bits.Clone());

    /// <summary>Goes back to marks kept.</summary>
    public void Restore(Evaluated kept) => kept._bits.CopyTo(_bits, 0);
}
