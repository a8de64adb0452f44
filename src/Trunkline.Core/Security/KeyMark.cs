using System.Security.Cryptography;
using System.Text;

namespace Trunkline.Core.Security;

/// <summary>What stands for a key in logs. Keys name people, and what is erased must not live on there: so logs can be searched by a key, and tell none.</summary>
public static class KeyMark
{
    private const int Bytes = 8;

    /// <summary>The mark of a key.</summary>
    public static string Of(ReadOnlySpan<byte> key)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(key, hash);
        return Convert.ToHexStringLower(hash[..Bytes]);
    }

    /// <summary>The mark of a key that is text.</summary>
    public static string Of(string key) => Of(Encoding.UTF8.GetBytes(key));
}
