using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Trunkline.Server.Releases;

/// <summary>The identity of a revision's content: SHA-256 over its facts, each text with its length before it.</summary>
internal static class RevisionHash
{
    // Changes when facts change their meaning; then every hash does, which is right.
    private const string Format = "trunkline-project/1";

    /// <summary>Lower-case hex.</summary>
    public static string Of(IReadOnlyList<ProjectItem> items)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, Format);
        foreach (var item in items)
        {
            Add(hash, item.Kind);
            Add(hash, item.Name);
            foreach (var (path, value) in item.Facts)
            {
                Add(hash, path);
                Add(hash, value);
            }

            // An empty path ends an item, so that facts cannot pass from one to the next.
            Add(hash, "");
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Add(IncrementalHash hash, string text)
    {
        Span<byte> length = stackalloc byte[4];
        var bytes = Encoding.UTF8.GetBytes(text);
        BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }
}
