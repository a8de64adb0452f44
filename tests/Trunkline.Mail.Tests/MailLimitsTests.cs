using System.Diagnostics;
using System.Text;

namespace Trunkline.Mail.Tests;

public sealed class MailLimitsTests
{
    // Far above what any of these mails needs, far below what a quadratic reading would take.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    [Fact]
    public void Nothing_at_all_is_refused_as_empty()
    {
        Assert.Equal(MailFaultCodes.Empty, Mails.Fault([]).Code);
        Assert.Equal(MailFaultCodes.Empty, Mails.Fault("From a@b Thu Aug 22 12:36:23 2002\n"u8.ToArray()).Code);
    }

    [Theory]
    [InlineData("just a sentence without any header\nand one more")]
    [InlineData("\0\0\0\0\0\0")]
    public void What_does_not_begin_with_headers_is_unreadable(string text) =>
        Assert.Equal(MailFaultCodes.Unreadable, Mails.Fault(Encoding.Latin1.GetBytes(text)).Code);

    [Fact]
    public void A_thousand_nested_multiparts_are_too_deep()
    {
        var mail = new StringBuilder("Subject: bomb\r\n");
        for (var i = 0; i < 1000; i++)
        {
            mail.Append("Content-Type: multipart/mixed; boundary=b").Append(i).Append("\r\n\r\n--b").Append(i).Append("\r\n");
        }

        mail.Append("\r\ntext");

        Assert.Equal(MailFaultCodes.TooDeep, Timed(mail.ToString()).Code);
    }

    [Fact]
    public void A_hundred_thousand_nested_mails_are_too_deep()
    {
        var mail = new StringBuilder();
        for (var i = 0; i < 100_000; i++)
        {
            mail.Append("Content-Type: message/rfc822\r\n\r\n");
        }

        Assert.Equal(MailFaultCodes.TooDeep, Timed(mail.Append("\r\nx").ToString()).Code);
    }

    [Fact]
    public void A_flood_of_parts_is_refused()
    {
        var mail = new StringBuilder("Content-Type: multipart/mixed; boundary=b\r\n\r\n");
        for (var i = 0; i < 200_000; i++)
        {
            mail.Append("--b\r\n\r\nx\r\n");
        }

        Assert.Equal(MailFaultCodes.TooManyParts, Timed(mail.ToString()).Code);
    }

    [Fact]
    public void A_flood_of_headers_is_refused()
    {
        var mail = string.Concat(Enumerable.Range(0, 500_000).Select(i => "X: y\r\n")) + "\r\nx";

        Assert.Equal(MailFaultCodes.TooManyHeaders, Timed(mail).Code);
    }

    [Fact]
    public void A_huge_header_is_refused() =>
        Assert.Equal(MailFaultCodes.HeadersTooLarge, Timed("Subject: " + new string('a', 30_000_000) + "\r\n\r\nx").Code);

    [Fact]
    public void Headers_of_parts_count_too()
    {
        var part = "--b\r\nX-Big: " + new string('a', 10_000) + "\r\n\r\nx\r\n";
        var mail = "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + string.Concat(Enumerable.Repeat(part, 400));

        Assert.Equal(MailFaultCodes.HeadersTooLarge, Timed(mail).Code);
    }

    [Fact]
    public void Text_over_the_limit_is_refused_and_text_at_the_limit_is_not()
    {
        var limits = new MailLimits { TextBytesMax = 1000 };

        Assert.Equal(MailFaultCodes.TextTooLarge, Mails.Fault(Mails.Utf8("Subject: a", "", new string('x', 1001)), limits).Code);
        Assert.Equal(1000, Mails.Body(Mails.Utf8("Subject: a", "", new string('x', 1000)), limits).GetProperty("text").GetString()!.Length);
    }

    [Fact]
    public void A_mail_over_the_limit_is_refused() =>
        Assert.Equal(MailFaultCodes.TooLarge, Mails.Fault(Mails.Utf8("Subject: a", "", "text"), new MailLimits { MailBytesMax = 5 }).Code);

    [Fact]
    public void An_attachment_of_30_MB_is_hashed_without_being_held_in_memory()
    {
        var content = new byte[30_000_000];
        new Random(1).NextBytes(content);
        var mail = Mails.Utf8(
            "Subject: big", "Content-Type: multipart/mixed; boundary=b", "", "--b", "", "see attachment",
            "--b", "Content-Type: application/zip; name=big.zip", "Content-Transfer-Encoding: base64", "",
            Convert.ToBase64String(content, Base64FormattingOptions.InsertLineBreaks), "--b--");

        var before = GC.GetAllocatedBytesForCurrentThread();
        var body = Mails.Body(mail);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal("see attachment", body.GetProperty("text").GetString());
        Assert.Equal(
            Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content)),
            body.GetProperty("attachments")[0].GetProperty("sha256").GetString());
        Assert.True(allocated < 5_000_000, $"{allocated} bytes were allocated");
    }

    [Theory]
    [InlineData("To: ", "a@b.c, ")]
    [InlineData("To: ", "((((")]
    [InlineData("To: ", "\"\\\\\"<@,")]
    [InlineData("To: ", "g:g:g:")]
    [InlineData("From: ", "=?utf-8?q?=41?= ")]
    [InlineData("Subject: ", "=?utf-8?b?")]
    [InlineData("Subject: ", "=?a?b?c?=")]
    [InlineData("References: ", "<<a@")]
    [InlineData("References: ", "(a)<b@c> ")]
    [InlineData("Content-Type: text/plain; ", "a*0=b; ")]
    [InlineData("Content-Type: text/plain; ", "a=\"")]
    [InlineData("Content-Disposition: attachment; ", "filename*9=\"x\";")]
    [InlineData("Date: ", "Mon, 1 ")]
    public void A_header_made_to_be_slow_is_read_in_time(string name, string repeated)
    {
        var header = name + string.Concat(Enumerable.Repeat(repeated, 900_000 / repeated.Length));

        Assert.NotNull(Timed(() => Mails.Parse(Mails.Latin1(header, "", "x"))));
    }

    [Theory]
    [InlineData("<div>")]
    [InlineData("<a b=c ")]
    [InlineData("<!--")]
    [InlineData("&amp")]
    [InlineData("<")]
    [InlineData("</p><pre>x ")]
    [InlineData("<![CDATA[")]
    public void Html_made_to_be_slow_is_read_in_time(string repeated)
    {
        var html = string.Concat(Enumerable.Repeat(repeated, 4_000_000 / repeated.Length));

        Assert.IsType<MailParseResult.Parsed>(Timed(() => Mails.Parse(Mails.Latin1("Content-Type: text/html", "", html))));
    }

    private static MailFault Timed(string mail) => Timed(() => Mails.Fault(Encoding.Latin1.GetBytes(mail)));

    private static T Timed<T>(Func<T> read)
    {
        var watch = Stopwatch.StartNew();
        var result = read();
        Assert.True(watch.Elapsed < s_patience, $"It took {watch.Elapsed}.");
        return result;
    }
}
