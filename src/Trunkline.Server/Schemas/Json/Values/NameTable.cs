using System.IO.Hashing;
using System.Text;

namespace Trunkline.Server.Schemas.Json.Values;

/// <summary>Names of a schema and their numbers, found by the bytes of a name in a document.</summary>
internal sealed class NameTable
{
    // Drawn anew in each process, so that no schema can be made whose names collide.
    private static readonly long s_seed = Random.Shared.NextInt64();

    private readonly byte[][] _names;
    private readonly int[] _slots;

    /// <summary>A table of different names; a name's number is its place.</summary>
    public NameTable(IReadOnlyList<string> names)
    {
        _names = [.. names.Select(Encoding.UTF8.GetBytes)];
        _slots = new int[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)(names.Count * 2 + 1))];
        for (var i = 0; i < _names.Length; i++)
        {
            var slot = Slot(_names[i]);
            while (_slots[slot] != 0)
            {
                slot = (slot + 1) & (_slots.Length - 1);
            }

            _slots[slot] = i + 1;
        }
    }

    /// <summary>A name's number; -1 if it is not one of them.</summary>
    public int Find(ReadOnlySpan<byte> name)
    {
        for (var slot = Slot(name); _slots[slot] != 0; slot = (slot + 1) & (_slots.Length - 1))
        {
            if (name.SequenceEqual(_names[_slots[slot] - 1]))
            {
                return _slots[slot] - 1;
            }
        }

        return -1;
    }

    private int Slot(ReadOnlySpan<byte> name) => (int)XxHash3.HashToUInt64(name, s_seed) & (_slots.Length - 1);
}
