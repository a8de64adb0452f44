using System.Text;

namespace Trunkline.Mail.Tests;

public sealed class MailTraceTests
{
    private const string Parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    [Theory]
    [InlineData("Subject: a\r\ntraceparent: " + Parent + "\r\n\r\ntext", Parent)]
    [InlineData("TraceParent:" + Parent + "\n\ntext", Parent)]
    [InlineData("traceparent:\r\n " + Parent + "\r\n\r\ntext", Parent)]
    [InlineData("Subject: a\r\n\r\ntraceparent: " + Parent + "\r\n", null)]
    [InlineData("traceparent: " + Parent + "\r\ntraceparent: " + Parent + "\r\n\r\n", null)]
    [InlineData("X-traceparent: " + Parent + "\r\n\r\n", null)]
    [InlineData("no header", null)]
    [InlineData("", null)]
    public void The_mails_own_header_tells_its_trace(string mail, string? parent) => Assert.Equal(parent, MailTrace.ParentOf(Encoding.UTF8.GetBytes(mail)));

    [Fact]
    public void No_more_is_looked_through_than_the_bound()
    {
        var filler = string.Concat(Enumerable.Repeat("X-Filler: " + new string('x', 80) + "\r\n", MailTrace.HeaderBytesMax / 80));
        Assert.Null(MailTrace.ParentOf(Encoding.UTF8.GetBytes(filler + "traceparent: " + Parent + "\r\n\r\n")));
    }
}
