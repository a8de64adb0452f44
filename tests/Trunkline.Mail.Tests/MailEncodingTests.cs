using CsCheck;

namespace Trunkline.Mail.Tests;

public sealed class MailEncodingTests
{
    [Theory]
    [InlineData("text/plain; charset=iso-8859-1", "caf\xE9", "café")]
    [InlineData("text/plain; charset=iso-8859-1", "\x93quoted\x94", "“quoted”")]
    [InlineData("text/plain", "caf\xE9", "café")]
    [InlineData("text/plain", "caf\xC3\xA9", "café")]
    [InlineData("text/plain; charset=us-ascii", "caf\xC3\xA9", "café")]
    [InlineData("text/plain; charset=utf-8", "caf\xE9", "café")]
    [InlineData("text/plain; charset=no-such-charset", "caf\xE9", "café")]
    [InlineData("text/plain; charset=\"\"", "caf\xE9", "café")]
    [InlineData("text/plain; charset=koi8-r", "\xF0\xD2\xC9\xD7\xC5\xD4", "Привет")]
    [InlineData("text/plain; charset=windows-1251", "\xCF\xF0\xE8\xE2\xE5\xF2", "Привет")]
    [InlineData("text/plain; charset=shift_jis", "\x83\x65\x83\x58\x83\x67", "テスト")]
    [InlineData("text/plain; charset=iso-2022-jp", "\x1B$B%F%9%H\x1B(B", "テスト")]
    [InlineData("text/plain; charset=gb2312", "\xC4\xE3\xBA\xC3", "你好")]
    [InlineData("text/plain; charset=utf-7", "+ADw-script+AD4-", "+ADw-script+AD4-")]
    [InlineData("text/plain; charset=utf-16le", "h\0i\0", "hi")]
    [InlineData("text/plain; charset=utf-16le", "\x00\xD8x\0", "\uFFFDx")]
    [InlineData("text/plain", "\xEF\xBB\xBFmarked", "marked")]
    [InlineData("text/plain", "a\0b", "a\uFFFDb")]
    [InlineData("text/html", "&#xD800;&#0;x&#128512;", "\uFFFD\uFFFDx😀")]
    public void Text_is_read_as_it_was_meant_or_shows_the_damage(string type, string bytes, string text) =>
        Assert.Equal(text, Mails.Body(Mails.Latin1($"Content-Type: {type}", "", bytes)).GetProperty("text").GetString());

    [Theory]
    [InlineData("Subject: caf\xE9", "café")]
    [InlineData("Subject: caf\xC3\xA9", "café")]
    [InlineData("Subject: =?koi8-r?B?8NLJ18XU?=", "Привет")]
    [InlineData("Subject: =?utf-8?Q?=F0=9F?=", null)]
    [InlineData("Subject: =?utf-7?Q?+2AA-?=", null)]
    [InlineData("Subject: a\0b", null)]
    [InlineData("Subject: =?utf-16le?B?ANg=?=", null)]
    public void Subjects_are_read_as_meant_and_never_break_the_json(string header, string? subject)
    {
        var read = Mails.Body(Mails.Latin1(header, "", "x")).GetProperty("subject").GetString();
        Assert.Equal(subject ?? read, read);
    }

    [Fact]
    public void Broken_transfer_encodings_give_what_can_be_decoded()
    {
        var quoted = Mails.Body(Mails.Latin1("Content-Transfer-Encoding: quoted-printable", "", "a=3Db =ZZ c="));
        var base64 = Mails.Body(Mails.Latin1("Content-Transfer-Encoding: base64", "", "aGVs*bG8*!=?"));
        var unknown = Mails.Body(Mails.Latin1("Content-Transfer-Encoding: x-none-such", "", "as it is"));

        Assert.StartsWith("a=b", quoted.GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.StartsWith("hello", base64.GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.Equal("as it is", unknown.GetProperty("text").GetString());
    }

    [Fact]
    public void Any_bytes_give_a_body_or_a_fault()
    {
        string[] pieces =
        [
            "From: ", "To: ", "Subject: ", "Content-Type: ", "multipart/mixed; boundary=b", "text/html; charset=", "utf-16", "utf-7", "big5", "text/plain",
            "message/rfc822", "\r\n", "\r\n\r\n", "\n", "\r", "--b", "--b--", "=?utf-8?B?", "?=", "Content-Transfer-Encoding: ", "base64", "quoted-printable",
            "x-uuencode", "begin 644 a", "<", ">", "@", "&#xDFFF;", "\0", "\xFF\xFE", "\xED\xA0\x80", "Message-ID: ", "References: ", "Date: ", "Mon, 1 Jan 2024",
            "Content-Disposition: attachment; filename*0*=utf-8''%F0", "From ", ":", ";", "\"", "(", ")", "=D8=00", "=", "aGk",
        ];
        Gen.OneOf(Gen.OneOf([.. pieces.Select(Gen.Const)]), Gen.String[Gen.Char['\0', '\xFF'], 0, 8]).Array[0, 60].Sample(parts =>
        {
            var mail = Mails.Latin1(string.Concat(parts));
            if (new MailParser().Parse(mail, CancellationToken.None) is MailParseResult.Parsed parsed)
            {
                Mails.Strict(parsed.Body);
            }
        }, iter: 20_000);
    }
}
