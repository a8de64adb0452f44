using System.Buffers;
using System.Globalization;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using Trunkline.Messaging;

namespace Trunkline.Server.Steps;

/// <summary>
/// The <c>traceparent</c> header (W3C Trace Context, version 00: version, trace id, parent id, flags, in lower-case hex). Ids are
/// derived from the message, so that a repeated message belongs to the same span; a bit is set, since zero is no id.
/// </summary>
internal static class TraceParent
{
    private static readonly SearchValues<char> Hex = SearchValues.Create("0123456789abcdef");
    private const int Length = 55;
    private const string ZeroTrace = "00000000000000000000000000000000";
    private const string ZeroSpan = "0000000000000000";

    /// <summary>The header for what a flow makes of a message: a span below the message's own, or the first of a new, unsampled trace.</summary>
    public static string Child(string? parent, Message message, string flow)
    {
        var identity = Encoding.UTF8.GetBytes($"{message.Source}\0{message.Id}");
        var span = XxHash3.HashToUInt64(identity, (long)XxHash3.HashToUInt64(MemoryMarshal.AsBytes(flow.AsSpan()))) | 1;
        return IsValid(parent)
            ? string.Create(CultureInfo.InvariantCulture, $"{parent.AsSpan(0, 36)}{span:x16}{parent.AsSpan(52)}")
            : string.Create(CultureInfo.InvariantCulture, $"00-{XxHash128.HashToUInt128(identity) | 1:x32}-{span:x16}-00");
    }

    private static bool IsValid(string? value) =>
        value is { Length: Length } && value.StartsWith("00-", StringComparison.Ordinal) && value[35] == '-' && value[52] == '-'
        && IsHex(value.AsSpan(3, 32)) && IsHex(value.AsSpan(36, 16)) && IsHex(value.AsSpan(53, 2))
        && !value.AsSpan(3, 32).SequenceEqual(ZeroTrace) && !value.AsSpan(36, 16).SequenceEqual(ZeroSpan);

    private static bool IsHex(ReadOnlySpan<char> text) => text.IndexOfAnyExcept(Hex) < 0;
}
