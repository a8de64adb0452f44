using System.IO.Hashing;
using System.Text;

namespace Trunkline.Server.Expressions;

/// <summary>
/// Member names seen lately, so that the names of alike messages are not allocated anew. Direct-mapped: 512 places, a newer name
/// takes the place of an older one. Not thread-safe.
/// </summary>
internal sealed class NameCache
{
    private const int Places = 512;
    private const int LengthMax = 64;
    private readonly (byte[] Utf8, string Text)[] _entries = new (byte[], string)[Places];

    /// <summary>The text of a name without escapes.</summary>
    public string Get(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > LengthMax)
        {
            return Encoding.UTF8.GetString(utf8);
        }

        ref var entry = ref _entries[XxHash3.HashToUInt64(utf8) % Places];
        if (entry.Utf8 is null || !utf8.SequenceEqual(entry.Utf8))
        {
            entry = (utf8.ToArray(), Encoding.UTF8.GetString(utf8));
        }

        return entry.Text;
    }
}
