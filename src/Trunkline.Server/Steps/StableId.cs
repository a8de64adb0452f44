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
    [ThreadStatic]
    private static IncrementalHash? t_sha;

    /// <summary>The id of three parts.</summary>
    public static string Of(params ReadOnlySpan<string> parts)
    {
        var length = 0;
        foreach (var part in parts)
        {
            length += Encoding.UTF8.GetMaxByteCount(part.Length) + 1;
        }

        var rented = length > 1024 ? ArrayPool<byte>.Shared.Rent(length) : null;
        var buffer = rented ?? stackalloc byte[1024];
        var used = 0;
        foreach (var part in parts)
        {
            used += Encoding.UTF8.GetBytes(part, buffer[used..]);
            buffer[used++] = 0;
        }

        // The hash of the thread serves again: a new one for every id costs as much as a third of the hashing.
        var sha = t_sha ??= IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        sha.AppendData(buffer[..used]);
        sha.GetHashAndReset(hash);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return Convert.ToHexStringLower(hash[..16]);
    }
}
