using System.Text;
using System.Text.Json;

namespace Trunkline.Mail.Tests;

public sealed class DeliveryReportTests
{
    [Theory]
    [InlineData("Action: failed\r\nStatus: 5.1.1 (no such user)", "bounced", "5.1.1")]
    [InlineData("Action: Delivered\r\nStatus: 2.0.0", "delivered", "2.0.0")]
    [InlineData("Action: delayed\r\nStatus: 4.4.1", null, "4.4.1")]
    public void A_notice_tells_what_became_of_which_mail(string action, string? fact, string status)
    {
        var report = Report($"Original-Envelope-Id: r+2B1\r\nReporting-MTA: dns; mx.example.com\r\n\r\nFinal-Recipient: rfc822; anna@example.com\r\n{action}\r\n", "Message-ID: <other@example.com>\r\n");
        Assert.Equal("r+1", report.GetProperty("receipt").GetString());
        Assert.Equal(fact, report.GetProperty("fact").GetString());
        Assert.Equal(status, report.GetProperty("status").GetString());
        Assert.Equal("anna@example.com", report.GetProperty("recipients")[0].GetProperty("address").GetString());
    }

    [Fact]
    public void Without_the_envelopes_id_the_message_id_tells_the_receipt_and_the_worst_recipient_counts()
    {
        var report = Report(
            "Reporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; a@example.com\r\nAction: delivered\r\nStatus: 2.0.0\r\n\r\nFinal-Recipient: rfc822; b@example.com\r\nAction: failed\r\nStatus: 5.0.0\r\n",
            "Subject: x\r\nMessage-ID: <0123abc@example.com>\r\n");
        Assert.Equal("0123abc", report.GetProperty("receipt").GetString());
        Assert.Equal("bounced", report.GetProperty("fact").GetString());
        Assert.Equal(2, report.GetProperty("recipients").GetArrayLength());
    }

    [Fact]
    public void A_mail_that_is_no_notice_has_no_report()
    {
        var parsed = Assert.IsType<MailParseResult.Parsed>(new MailParser().Parse("Subject: a\r\n\r\ntext"u8.ToArray(), TestContext.Current.CancellationToken));
        using var body = JsonDocument.Parse(parsed.Body);
        Assert.False(body.RootElement.TryGetProperty("report", out _));
    }

    [Fact]
    public void A_notice_that_is_broken_or_huge_is_read_as_far_as_it_goes()
    {
        Assert.Equal(JsonValueKind.Null, Report("\0\0 nonsense", "more").GetProperty("fact").ValueKind);
        var many = string.Concat(Enumerable.Repeat("Final-Recipient: rfc822; a@example.com\r\nAction: failed\r\n\r\n", 5000));
        Assert.InRange(Report("Reporting-MTA: dns; mx\r\n\r\n" + many, "").GetProperty("recipients").GetArrayLength(), 1, 100);
    }

    private static JsonElement Report(string status, string headers)
    {
        var mail = "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nsorry\r\n"
            + $"--b\r\nContent-Type: message/delivery-status\r\n\r\n{status}\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\n{headers}\r\n--b--\r\n";
        var parsed = Assert.IsType<MailParseResult.Parsed>(new MailParser().Parse(Encoding.Latin1.GetBytes(mail), TestContext.Current.CancellationToken));
        return JsonDocument.Parse(parsed.Body).RootElement.GetProperty("report").Clone();
    }
}
