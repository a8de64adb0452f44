using System.Buffers.Binary;
using Trunkline.Messaging.Consuming;

namespace Trunkline.Server.Connectors.Mail;

/// <summary>
/// How far a folder has been read. A mail's offset is the epoch (upper 32 bits) and its UID: a new UIDVALIDITY begins a new epoch, so that
/// offsets never fall. Stored as state (docs/formats/mail-positions.md); its layout must not change without a new version.
/// </summary>
/// <param name="Epoch">1 for the first UIDVALIDITY met, and one more for each further.</param>
/// <param name="Validity">The UIDVALIDITY of the epoch.</param>
/// <param name="KnownUntil">The last UID that was there when the epoch began: up to it, mails are passed over that are known by their content.</param>
/// <param name="FlagFrom">Offset from which on mails that are through may lack their flag.</param>
/// <param name="Progress">Which offsets are through.</param>
internal sealed record ImapPosition(uint Epoch, uint Validity, uint KnownUntil, long FlagFrom, Progress Progress)
{
    private const byte Version = 1;
    private const int FixedBytes = 1 + 4 + 4 + 4 + 8 + 8 + 4;

    /// <summary>Of a folder that was never read.</summary>
    public static ImapPosition None { get; } = new(0, 0, 0, 0, Progress.At(0));

    public static long Offset(uint epoch, uint uid) => ((long)epoch << 32) | uid;

    /// <summary>The offset of a UID of this epoch.</summary>
    public long Offset(uint uid) => Offset(Epoch, uid);

    /// <summary>The first UID of this epoch that may not be through.</summary>
    public uint NextUid => Progress.Next <= Offset(1) ? 1 : (uint)Math.Min(Progress.Next - Offset(0), uint.MaxValue);

    /// <exception cref="InvalidDataException">It is not what is written here.</exception>
    public static ImapPosition Read(ReadOnlyMemory<byte> stored)
    {
        var span = stored.Span;
        if (span.Length < FixedBytes || span[0] != Version)
        {
            throw new InvalidDataException("The position of a mailbox cannot be read: it is of another version, or damaged.");
        }

        var count = BinaryPrimitives.ReadInt32LittleEndian(span[29..]);
        if (count < 0 || span.Length != FixedBytes + ((long)count * 16))
        {
            throw new InvalidDataException("The position of a mailbox cannot be read: it is damaged.");
        }

        var above = new OffsetRange[count];
        for (var i = 0; i < count; i++)
        {
            var at = span[(FixedBytes + (i * 16))..];
            above[i] = new OffsetRange(BinaryPrimitives.ReadInt64LittleEndian(at), BinaryPrimitives.ReadInt64LittleEndian(at[8..]));
        }

        return new ImapPosition(
            BinaryPrimitives.ReadUInt32LittleEndian(span[1..]),
            BinaryPrimitives.ReadUInt32LittleEndian(span[5..]),
            BinaryPrimitives.ReadUInt32LittleEndian(span[9..]),
            BinaryPrimitives.ReadInt64LittleEndian(span[13..]),
            new Progress(BinaryPrimitives.ReadInt64LittleEndian(span[21..]), above));
    }

    public byte[] Write()
    {
        var stored = new byte[FixedBytes + (Progress.CompletedAbove.Count * 16)];
        stored[0] = Version;
        BinaryPrimitives.WriteUInt32LittleEndian(stored.AsSpan(1), Epoch);
        BinaryPrimitives.WriteUInt32LittleEndian(stored.AsSpan(5), Validity);
        BinaryPrimitives.WriteUInt32LittleEndian(stored.AsSpan(9), KnownUntil);
        BinaryPrimitives.WriteInt64LittleEndian(stored.AsSpan(13), FlagFrom);
        BinaryPrimitives.WriteInt64LittleEndian(stored.AsSpan(21), Progress.Next);
        BinaryPrimitives.WriteInt32LittleEndian(stored.AsSpan(29), Progress.CompletedAbove.Count);
        for (var i = 0; i < Progress.CompletedAbove.Count; i++)
        {
            var at = stored.AsSpan(FixedBytes + (i * 16));
            BinaryPrimitives.WriteInt64LittleEndian(at, Progress.CompletedAbove[i].From);
            BinaryPrimitives.WriteInt64LittleEndian(at[8..], Progress.CompletedAbove[i].Until);
        }

        return stored;
    }
}
