using System.Security.Cryptography;

namespace Trunkline.Server.Releases;

/// <summary>Hashes of files a project names.</summary>
internal static class FileHashes
{
    /// <summary>Lower-case hex SHA-256 of the content, or null if the file cannot be read.</summary>
    public static string? Sha256(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            return Convert.ToHexStringLower(SHA256.HashData(stream));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
