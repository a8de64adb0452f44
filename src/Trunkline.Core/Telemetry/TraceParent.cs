using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using Trunkline.Messaging;

namespace Trunkline.Core.Telemetry;

/// <summary>
/// The <c>traceparent</c> header (W3C Trace Context, version 00: version, trace id, parent id, flags, in lower-case hex). Ids are
/// derived from the message, so that a repeated message belongs to the same span; a bit is set, since zero is no id.
/// </summary>
public static class TraceParent
{
    /// <summary>Bytes of the header's value.</summary>
    public const int Length = 55;

    private const int TraceAt = 3;
    private const int SpanAt = 36;
    private const int FlagsAt = 53;
    private const int StackBytes = 512;
    private static readonly SearchValues<byte> Hex = SearchValues.Create("0123456789abcdef"u8);

    /// <summary>The seed of a flow's span ids.</summary>
    public static long SeedOf(string flow) => (long)XxHash3.HashToUInt64(MemoryMarshal.AsBytes(flow.AsSpan()));

    /// <summary>Writes the header for what a flow makes of a message: a span below the message's own, or the first of a new, unsampled trace.</summary>
    /// <param name="parent">The message's own header; empty if it has none.</param>
    /// <param name="message">The message.</param>
    /// <param name="seed">Of the flow.</param>
    /// <param name="into"><see cref="Length"/> bytes.</param>
    public static void WriteChild(ReadOnlySpan<byte> parent, Message message, long seed, Span<byte> into)
    {
        ArgumentNullException.ThrowIfNull(message);
        var source = message.Source;
        var id = message.IdUtf8.Span;
        var bound = Encoding.UTF8.GetMaxByteCount(source.Length) + 1 + id.Length;
        var rented = bound > StackBytes ? ArrayPool<byte>.Shared.Rent(bound) : null;
        var buffer = rented ?? stackalloc byte[StackBytes];
        var length = Encoding.UTF8.GetBytes(source, buffer);
        buffer[length++] = 0;
        id.CopyTo(buffer[length..]);
        length += id.Length;
        Write(parent, buffer[..length], seed, into);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>The context of a message: its own, or that of the trace <see cref="WriteChild"/> begins for it, without a span.</summary>
    /// <param name="message">The message.</param>
    public static ActivityContext ContextOf(Message message)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (message.Headers.Text(HeaderNames.TraceParent) is { Length: Length } parent
            && ActivityContext.TryParse(parent, message.Headers.Text(HeaderNames.TraceState), isRemote: true, out var context))
        {
            return context;
        }

        Span<byte> first = stackalloc byte[Length];
        WriteChild(default, message, 0, first);
        var trace = ActivityTraceId.CreateFromUtf8String(first.Slice(TraceAt, 32));
        return new ActivityContext(trace, default, ActivityTraceFlags.None);
    }

    /// <summary>What decides whether the trace of <see cref="ContextOf"/> is recorded, read without making the context: most messages need no more of it.</summary>
    /// <param name="message">The message.</param>
    public static TraceMark MarkOf(Message message)
    {
        ArgumentNullException.ThrowIfNull(message);
        Span<byte> own = stackalloc byte[Length];
        ReadOnlySpan<byte> parent = own;
        if (ValueOf(message.Headers) is { } header)
        {
            if (!IsValid(header.Span))
            {
                return TraceMark.Of(ContextOf(message));
            }

            parent = header.Span;
        }
        else
        {
            WriteChild(default, message, 0, own);
        }

        return Utf8Parser.TryParse(parent.Slice(TraceAt, 16), out ulong half, out _, 'x') && Utf8Parser.TryParse(parent[FlagsAt..], out byte flags, out _, 'x')
            ? new TraceMark(half, ((ActivityTraceFlags)flags).HasFlag(ActivityTraceFlags.Recorded))
            : throw new UnreachableException("a traceparent that was found to be hex digits is none");
    }

    private static ReadOnlyMemory<byte>? ValueOf(Headers headers)
    {
        for (var i = headers.Count - 1; i >= 0; i--)
        {
            if (headers[i].Name == HeaderNames.TraceParent)
            {
                return headers[i].Value;
            }
        }

        return null;
    }

    private static void Write(ReadOnlySpan<byte> parent, ReadOnlySpan<byte> identity, long seed, Span<byte> into)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (IsValid(parent))
        {
            parent.CopyTo(into);
        }
        else
        {
            "00-"u8.CopyTo(into);
            BinaryPrimitives.WriteUInt128BigEndian(bytes, XxHash128.HashToUInt128(identity) | 1);
            Convert.TryToHexStringLower(bytes, into[TraceAt..], out _);
            into[SpanAt - 1] = (byte)'-';
            "-00"u8.CopyTo(into[(FlagsAt - 1)..]);
        }

        BinaryPrimitives.WriteUInt64BigEndian(bytes, XxHash3.HashToUInt64(identity, seed) | 1);
        Convert.TryToHexStringLower(bytes[..8], into[SpanAt..], out _);
    }

    /// <summary>True for a context of version 00 whose ids are not all zero.</summary>
    /// <param name="value">The header's value.</param>
    public static bool IsValid(ReadOnlySpan<byte> value) =>
        value.Length == Length && value.StartsWith("00-"u8) && value[SpanAt - 1] == (byte)'-' && value[FlagsAt - 1] == (byte)'-'
        && IsId(value.Slice(TraceAt, 32)) && IsId(value.Slice(SpanAt, 16)) && IsHex(value.Slice(FlagsAt, 2));

    private static bool IsId(ReadOnlySpan<byte> text) => IsHex(text) && text.IndexOfAnyExcept((byte)'0') >= 0;

    private static bool IsHex(ReadOnlySpan<byte> text) => text.IndexOfAnyExcept(Hex) < 0;
}
