using Trunkline.Mail.Smtp;

namespace Trunkline.Mail.Tests.Smtp;

public sealed class OutgoingMailTests
{
    private static readonly OutgoingMail Mail = new() { Receipt = "r1", From = "desk@example.com", To = ["anna@example.com"], Subject = "hi", Text = "hi" };

    [Fact]
    public void The_trace_context_is_a_header_and_nothing_else_can_be_put_there()
    {
        const string Context = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        Assert.Equal(Context, (Mail with { TraceParent = Context }).Build().Headers["traceparent"]);
        Assert.Null(Mail.Build().Headers["traceparent"]);
        Assert.Throws<FormatException>(() => (Mail with { TraceParent = "00\r\nBcc: bob@example.com" }).Build());
    }
}
