using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Trunkline.Server.Steps;

/// <summary>
/// Ids derived from other ids: the first 128 bits of SHA-256 over the parts, each followed by a zero byte, in hex. The same parts
/// give the same id everywhere; nobody can choose parts that collide with another's.
/// </summary>
internal static class StableId
{
    private const int Bytes = 16;

    [ThreadStatic]
    private static IncrementalHash? t_sha;

    /// <summary>The id of some parts.</summary>
    public static string Of(params ReadOnlySpan<string> parts)
    {
        var length = 0;
        foreach (var part in parts)
        {
            length += Encoding.UTF8.GetMaxByteCount(part.Length) + 1;
        }

        using var joined = new JoinedParts(length, stackalloc byte[JoinedParts.StackBytes]);
        var rest = joined.Bytes;
        foreach (var part in parts)
        {
            rest = Put(part, rest);
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        Hash(joined.Bytes[..^rest.Length], hash);
        return Convert.ToHexStringLower(hash[..Bytes]);
    }

    /// <summary>The same, in UTF-8, of parts the second of which is there in UTF-8 already: for what is made of every message.</summary>
    public static byte[] Utf8Of(string first, ReadOnlySpan<byte> second, string third, string fourth)
    {
        var length = Encoding.UTF8.GetMaxByteCount(first.Length) + second.Length + Encoding.UTF8.GetMaxByteCount(third.Length) + Encoding.UTF8.GetMaxByteCount(fourth.Length) + 4;
        using var joined = new JoinedParts(length, stackalloc byte[JoinedParts.StackBytes]);
        var rest = Put(first, joined.Bytes);
        second.CopyTo(rest);
        rest[second.Length] = 0;
        rest = Put(fourth, Put(third, rest[(second.Length + 1)..]));
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        Hash(joined.Bytes[..^rest.Length], hash);
        var id = new byte[Bytes * 2];
        Convert.TryToHexStringLower(hash[..Bytes], id, out _);
        return id;
    }

    /// <summary>Puts a part and its zero byte at the beginning; what is left behind them.</summary>
    private static Span<byte> Put(string part, Span<byte> into)
    {
        var used = Encoding.UTF8.GetBytes(part, into);
        into[used] = 0;
        return into[(used + 1)..];
    }

    private static void Hash(ReadOnlySpan<byte> joined, Span<byte> hash)
    {
        // The hash of the thread serves again: a new one for every id costs as much as a third of the hashing.
        var sha = t_sha ??= IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        sha.AppendData(joined);
        sha.GetHashAndReset(hash);
    }

    /// <summary>Room for the parts: the caller's, or rented if they are long.</summary>
    private readonly ref struct JoinedParts(int length, Span<byte> stack)
    {
        public const int StackBytes = 1024;
        private readonly byte[]? _rented = length > StackBytes ? ArrayPool<byte>.Shared.Rent(length) : null;
        private readonly Span<byte> _stack = stack;

        public Span<byte> Bytes => _rented ?? _stack;

        public void Dispose()
        {
            if (_rented is not null)
            {
                ArrayPool<byte>.Shared.Return(_rented);
            }
        }
    }
}
