using System.Diagnostics;
using Trunkline.Core.Telemetry;
using Trunkline.Messaging;

namespace Trunkline.Core.Tests.Telemetry;

/// <summary>The trace a message belongs to.</summary>
public sealed class TraceParentTests
{
    public static TheoryData<string?> Values => new(
        null,
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00",
        "00-ffffffffffffffffa3ce929d0e0e4736-00f067aa0ba902b7-03",
        "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0x",
        "",
        "nonsense");

    [Theory]
    [MemberData(nameof(Values))]
    public void The_mark_of_a_message_is_that_of_its_context(string? value)
    {
        Header[] headers = value is null ? [] : [new Header(HeaderNames.TraceParent, value)];
        var message = new Message { Source = "/shop", Payload = "{}"u8.ToArray(), Headers = Headers.Of(headers) };
        Assert.Equal(TraceMark.Of(TraceParent.ContextOf(message)), TraceParent.MarkOf(message));
    }

    [Fact]
    public void A_message_without_a_trace_begins_one_that_what_is_made_of_it_continues()
    {
        var message = new Message { Source = "/shop", Payload = "{}"u8.ToArray() };
        var context = TraceParent.ContextOf(message);
        Span<byte> child = stackalloc byte[TraceParent.Length];
        TraceParent.WriteChild(default, message, TraceParent.SeedOf("triage"), child);
        Assert.Equal(context.TraceId, ActivityTraceId.CreateFromUtf8String(child.Slice(3, 32)));
        Assert.Equal(default, context.SpanId);
    }
}
