using System.IO.Hashing;
using System.Runtime.InteropServices;
using Trunkline.Server.Expressions;

namespace Trunkline.Server.Schemas.Json.Values;

/// <summary>Equality of JSON values: numbers by value, objects without order, strings without their escapes.</summary>
internal static class JsonEquality
{
    // Drawn anew in each process, so that nobody can prepare values that collide.
    private static readonly long s_seed = Random.Shared.NextInt64();

    /// <summary>True if two values are equal.</summary>
    public static bool AreEqual(JsonIndex left, int a, JsonIndex right, int b)
    {
        ref readonly var one = ref left[a];
        ref readonly var other = ref right[b];
        if (one.Kind != other.Kind || one.Count != other.Count)
        {
            return false;
        }

        return one.Kind switch
        {
            JsonKind.Number => left.Raw(a).SequenceEqual(right.Raw(b)) || NumberBound.Compare(ExactDecimal.Parse(left.Raw(a)), ExactDecimal.Parse(right.Raw(b))) == 0,
            JsonKind.String => left.Utf8Of(a).SequenceEqual(right.Utf8Of(b)),
            JsonKind.Array => ItemsAreEqual(left, a, right, b),
            JsonKind.Object => PropertiesAreEqual(left, a, right, b),
            _ => true,
        };
    }

    /// <summary>A hash that is equal for equal values.</summary>
    public static ulong Hash(JsonIndex index, int token)
    {
        ref readonly var value = ref index[token];
        var hash = (ulong)value.Kind;
        switch (value.Kind)
        {
            case JsonKind.Number:
                hash = NumberHash(index.Raw(token));
                break;
            case JsonKind.String:
                hash = XxHash3.HashToUInt64(index.Utf8Of(token), s_seed);
                break;
            case JsonKind.Array:
                for (int at = token + 1, end = value.Next; at < end; at = index[at].Next)
                {
                    hash = Mix(hash, Hash(index, at));
                }

                break;
            case JsonKind.Object:
                for (int at = token + 1, end = value.Next; at < end; at = index[at + 1].Next)
                {
                    hash += Mix(XxHash3.HashToUInt64(index.Utf8Of(at), s_seed), Hash(index, at + 1));
                }

                break;
        }

        return Mix(hash, (ulong)value.Kind);
    }

    private static ulong NumberHash(ReadOnlySpan<byte> text)
    {
        var number = ExactDecimal.Parse(text);
        var sign = number.Digits.Length > 0 && number.Negative;
        return Mix(XxHash3.HashToUInt64(MemoryMarshal.AsBytes(number.Digits.AsSpan()), s_seed), (ulong)number.Exponent * 2 + (sign ? 1u : 0u));
    }

    private static ulong Mix(ulong a, ulong b) => (ulong.RotateLeft(a, 27) ^ b) * 0x9E3779B97F4A7C15 + (ulong)s_seed;

    private static bool ItemsAreEqual(JsonIndex left, int a, JsonIndex right, int b)
    {
        var end = left[a].Next;
        for (int x = a + 1, y = b + 1; x < end; x = left[x].Next, y = right[y].Next)
        {
            if (!AreEqual(left, x, right, y))
            {
                return false;
            }
        }

        return true;
    }

    private static bool PropertiesAreEqual(JsonIndex left, int a, JsonIndex right, int b)
    {
        for (int at = a + 1, end = left[a].Next; at < end; at = left[at + 1].Next)
        {
            var other = right.Find(b, left.Utf8Of(at));
            if (other < 0 || !AreEqual(left, at + 1, right, other))
            {
                return false;
            }
        }

        return true;
    }
}
