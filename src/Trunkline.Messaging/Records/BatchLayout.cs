namespace Trunkline.Messaging.Records;

/// <summary>
/// The header of a record batch, format 1. Little-endian; 48 bytes, then the records.
/// <code>
///  0 magic "TLRB"   4 crc32c of all that follows   8 format   9 flags   10 header length (u16)   12 total length (i32)
/// 16 base offset (i64)   24 last offset - base (i32)   28 count (i32)   32 first appendedAt   40 last appendedAt (i64)
/// record = length, offset - base, appendedAt - first (varints), flags (u8), id, source, content type,
///          [time: zigzag ticks, zigzag offset minutes] [key] [data key id], header count, { name, value }, payload (the rest)
/// </code>
/// Times are in ticks (100 ns) since 1970 UTC. Texts and byte strings carry a varint length before them. Varints are LEB128.
/// The checksum stays at its place in every later format. Flag bits not known to the reader are refused.
/// </summary>
internal static class BatchLayout
{
    public const uint Magic = 0x42524C54;
    public const byte Format = 1;
    public const int HeaderSize = 48;
    public const int CrcFrom = 8;

    public const byte HasKey = 1;
    public const byte HasTime = 2;
    public const byte HasDataKey = 4;
    /// <summary>The message was erased: nothing follows the flags.</summary>
    public const byte Erased = 8;
    public const byte KnownFlags = HasKey | HasTime | HasDataKey | Erased;

    public static long Ticks(DateTimeOffset time) => time.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks;

    public static DateTimeOffset Time(long ticks) => new(ticks + DateTimeOffset.UnixEpoch.UtcTicks, TimeSpan.Zero);
}
