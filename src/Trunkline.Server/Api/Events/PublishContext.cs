using System.Diagnostics;
using Trunkline.Messaging;

namespace Trunkline.Server.Api.Events;

/// <summary>What a publish request says about all its messages: key, dedupe identity, trace.</summary>
/// <param name="Key">Key of messages that bring none (header <c>Trunkline-Key</c>).</param>
/// <param name="IdempotencyKey">Identity of plain JSON messages, or null.</param>
/// <param name="TraceParent">The request's trace, or null: then every message begins one.</param>
/// <param name="TraceState">The request's trace state, or null.</param>
internal sealed record PublishContext(MessageKey? Key, string? IdempotencyKey, string? TraceParent, string? TraceState)
{
    private readonly Header? _trace = TraceParent is null ? null : new Header(HeaderNames.TraceParent, TraceParent);
    private readonly Header? _state = TraceState is null ? null : new Header(HeaderNames.TraceState, TraceState);

    /// <summary>Messages of one request at most; keeps one commit, and the answer, within bounds.</summary>
    public const int MessagesMax = 10_000;

    /// <summary>Adds the trace headers of one message.</summary>
    public void AddTrace(List<Header> headers)
    {
        headers.Add(_trace ?? NewTrace());
        if (_state is { } state)
        {
            headers.Add(state);
        }
    }

    /// <summary>The trace headers of one message that has no others.</summary>
    public Headers Trace() => _state is { } state ? Headers.Of(_trace ?? NewTrace(), state) : Headers.Of(_trace ?? NewTrace());

    // Version 00, not sampled: nobody recorded a span yet (W3C Trace Context, 3.2).
    private static Header NewTrace()
    {
        var text = new byte[55];
        Span<byte> id = stackalloc byte[16];
        "00-"u8.CopyTo(text);
        ActivityTraceId.CreateRandom().CopyTo(id);
        Convert.TryToHexStringLower(id, text.AsSpan(3, 32), out _);
        text[35] = (byte)'-';
        ActivitySpanId.CreateRandom().CopyTo(id[..8]);
        Convert.TryToHexStringLower(id[..8], text.AsSpan(36, 16), out _);
        "-00"u8.CopyTo(text.AsSpan(52));
        return new Header(HeaderNames.TraceParent, text);
    }
}
