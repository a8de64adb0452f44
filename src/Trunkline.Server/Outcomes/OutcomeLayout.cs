namespace Trunkline.Server.Outcomes;

/// <summary>
/// The bytes of outcomes, version 1; described in docs/formats/outcomes.md. A batch is the version and segments, each with its length;
/// a segment is a partition, a first offset, a first time, and rows. Numbers are varints (LEB128), those that may be negative zigzag.
/// </summary>
internal static class OutcomeLayout
{
    public const byte Version = 1;

    /// <summary>Content type of a batch.</summary>
    public const string ContentType = "application/vnd.trunkline.outcomes";

    public const byte StateMask = 0x07;
    public const byte Degraded = 0x08;
    public const byte HasAttempts = 0x10;
    public const byte HasKey = 0x20;
    public const byte HasContext = 0x40;
    public const byte HasCause = 0x80;

    /// <summary>Keys, sources and tenants beyond it are left out; what is looked up by them is not found.</summary>
    public const int TextBytesMax = 4096;

    public static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));

    public static long ZigZag(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);
}
