using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Trunkline.Server.Connectors.Folders;

/// <summary>
/// What is remembered of a file the flow is through with: format version 1, then length, time of change (ticks, UTC) and SHA-256,
/// little-endian. Stored as state; its layout must not change without a new version.
/// </summary>
/// <param name="Length">Bytes.</param>
/// <param name="ChangedTicks">Time of change.</param>
/// <param name="Hash">SHA-256 of the content, upper-case hex.</param>
internal sealed record FileMark(long Length, long ChangedTicks, string Hash)
{
    private const byte Version = 1;
    private const int Bytes = 1 + 8 + 8 + 32;

    public static FileMark Of(FileInfo file, byte[] content) =>
        new(content.Length, file.LastWriteTimeUtc.Ticks, Convert.ToHexString(SHA256.HashData(content)));

    /// <summary>Null if the value is not of this version: the file is then looked at afresh.</summary>
    public static FileMark? Read(ReadOnlyMemory<byte> stored)
    {
        var span = stored.Span;
        return span.Length == Bytes && span[0] == Version
            ? new FileMark(
                BinaryPrimitives.ReadInt64LittleEndian(span[1..]), BinaryPrimitives.ReadInt64LittleEndian(span[9..]), Convert.ToHexString(span[17..]))
            : null;
    }

    public byte[] Write()
    {
        var stored = new byte[Bytes];
        stored[0] = Version;
        BinaryPrimitives.WriteInt64LittleEndian(stored.AsSpan(1), Length);
        BinaryPrimitives.WriteInt64LittleEndian(stored.AsSpan(9), ChangedTicks);
        Convert.FromHexString(Hash).CopyTo(stored.AsSpan(17));
        return stored;
    }

    /// <summary>True if the file looks as it did, so that its content need not be read.</summary>
    public bool Matches(FileInfo file) => file.Length == Length && file.LastWriteTimeUtc.Ticks == ChangedTicks;
}
