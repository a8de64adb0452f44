using System.Security.Cryptography;
using System.Text;

namespace Trunkline.Mail.Tests;

public sealed class MailParserTests
{
    [Fact]
    public void A_plain_mail_gives_its_addresses_subject_date_and_text()
    {
        var body = Mails.Body(Mails.Utf8(
            "From: Ann Example <ann@example.com>",
            "To: Bob <bob@example.com>, carol@example.com",
            "Cc: team: dan@example.com, eve@example.com;",
            "Subject: =?utf-8?B?R3LDvMOfZQ==?= from Ann",
            "Date: Thu, 22 Aug 2002 18:26:25 +0700",
            "Message-ID: <one@example.com>",
            "List-Id: friends <friends.example.com>",
            "",
            "Hello",
            "Bob."));

        Assert.Equal("ann@example.com", body.GetProperty("from").GetProperty("address").GetString());
        Assert.Equal("Ann Example", body.GetProperty("from").GetProperty("name").GetString());
        Assert.Equal(["bob@example.com", "carol@example.com"], body.GetProperty("to").EnumerateArray().Select(to => to.GetProperty("address").GetString()));
        Assert.Equal(["dan@example.com", "eve@example.com"], body.GetProperty("cc").EnumerateArray().Select(cc => cc.GetProperty("address").GetString()));
        Assert.Equal("Grüße from Ann", body.GetProperty("subject").GetString());
        Assert.Equal("2002-08-22T18:26:25+07:00", body.GetProperty("date").GetString());
        Assert.Equal("Hello\nBob.", body.GetProperty("text").GetString());
        Assert.Equal("plain", body.GetProperty("textSource").GetString());
        Assert.Equal("one@example.com", body.GetProperty("id").GetString());
        Assert.Equal("message-id", body.GetProperty("idSource").GetString());
        Assert.Equal("friends <friends.example.com>", body.GetProperty("headers").GetProperty("list-id").GetString());
        Assert.Equal(0, body.GetProperty("attachments").GetArrayLength());
    }

    [Fact]
    public void The_conversation_is_the_first_reference_then_in_reply_to_then_the_mail_itself()
    {
        string[] own = ["Message-ID: <own@x>"];
        string[] reply = [.. own, "In-Reply-To: <parent@x>"];
        string[] thread = [.. reply, "References: <root@x>\r\n <middle@x>", " <parent@x>"];

        Check(own, "own@x", "id");
        Check(reply, "parent@x", "in-reply-to");
        Check(thread, "root@x", "references");

        static void Check(string[] headers, string conversation, string source)
        {
            var body = Mails.Body(Mails.Utf8([.. headers, "Subject: Re: same", "", "text"]));
            Assert.Equal(conversation, body.GetProperty("conversation").GetString());
            Assert.Equal(source, body.GetProperty("conversationSource").GetString());
        }
    }

    [Fact]
    public void Mails_with_like_subjects_and_no_reference_are_conversations_of_their_own()
    {
        var one = Mails.Body(Mails.Utf8("From: a@x", "Subject: Re: invoice", "", "one"));
        var two = Mails.Body(Mails.Utf8("From: a@x", "Subject: Re: invoice", "", "two"));

        Assert.NotEqual(one.GetProperty("conversation").GetString(), two.GetProperty("conversation").GetString());
    }

    [Fact]
    public void A_mail_without_message_id_is_named_by_the_hash_of_its_bytes()
    {
        var mail = Mails.Utf8("Subject: nameless", "", "text");

        var body = Mails.Body(mail);

        Assert.Equal("sha256:" + Convert.ToHexStringLower(SHA256.HashData(mail)), body.GetProperty("id").GetString());
        Assert.Equal("content", body.GetProperty("idSource").GetString());
        Assert.Equal(body.GetProperty("id").GetString(), body.GetProperty("conversation").GetString());
    }

    [Fact]
    public void An_mbox_line_before_the_headers_changes_nothing()
    {
        var mail = Mails.Utf8("Subject: boxed", "", "text");
        byte[] boxed = [.. "From ann@example.com Thu Aug 22 12:36:23 2002\n"u8, .. mail];

        Assert.Equal(Mails.Body(mail).GetRawText(), Mails.Body(boxed).GetRawText());
    }

    [Fact]
    public void Plain_text_is_taken_before_html_and_attachments_are_hashed_not_kept()
    {
        var content = Encoding.UTF8.GetBytes("a,b\n1,2\n");
        var body = Mails.Body(Mails.Utf8(
            "Subject: parts",
            "Content-Type: multipart/mixed; boundary=m",
            "",
            "--m",
            "Content-Type: multipart/alternative; boundary=a",
            "",
            "--a",
            "Content-Type: text/plain",
            "",
            "plain words",
            "--a",
            "Content-Type: text/html",
            "",
            "<p>html words</p>",
            "--a--",
            "--m",
            "Content-Type: text/csv; name=\"../../etc/table.csv\"",
            "Content-Disposition: attachment",
            "Content-Transfer-Encoding: base64",
            "",
            Convert.ToBase64String(content),
            "--m--"));

        Assert.Equal("plain words", body.GetProperty("text").GetString());
        var attachment = Assert.Single(body.GetProperty("attachments").EnumerateArray());
        Assert.Equal("table.csv", attachment.GetProperty("name").GetString());
        Assert.Equal("text/csv", attachment.GetProperty("type").GetString());
        Assert.Equal(content.Length, attachment.GetProperty("size").GetInt32());
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(content)), attachment.GetProperty("sha256").GetString());
        Assert.Equal(content.Length, body.GetProperty("sizes").GetProperty("attachmentBytes").GetInt32());
    }

    [Fact]
    public void An_attached_mail_is_one_attachment_and_its_text_is_not_the_mails_text()
    {
        const string inner = "Subject: inner\r\nMessage-ID: <inner@x>\r\n\r\ninner text";
        var body = Mails.Body(Mails.Utf8(
            "Subject: outer", "Content-Type: multipart/mixed; boundary=m", "",
            "--m", "", "outer text",
            "--m", "Content-Type: message/rfc822", "", inner,
            "--m", "Content-Type: application/pdf; name=a.pdf", "", "x",
            "--m--"));

        Assert.Equal("outer", body.GetProperty("subject").GetString());
        Assert.Equal("outer text", body.GetProperty("text").GetString());
        Assert.Equal(["message/rfc822", "application/pdf"], body.GetProperty("attachments").EnumerateArray().Select(a => a.GetProperty("type").GetString()));
        Assert.Equal(
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(inner))),
            body.GetProperty("attachments")[0].GetProperty("sha256").GetString());
    }

    [Fact]
    public void Html_becomes_text_when_there_is_no_plain_part()
    {
        var body = Mails.Body(Mails.Utf8("Content-Type: text/html; charset=utf-8", "", "<style>p{}</style><p>Hello&nbsp;<b>you</b></p><script>evil()</script><p>Bye"));

        Assert.Equal("Hello you\nBye", body.GetProperty("text").GetString());
        Assert.Equal("html", body.GetProperty("textSource").GetString());
    }

    [Fact]
    public void A_field_without_a_readable_address_keeps_its_text()
    {
        var body = Mails.Body(Mails.Utf8("From: <<<>>> ;;; ,", "To: undisclosed-recipients:;", "", "x"));

        Assert.Equal("undisclosed-recipients:;", body.GetProperty("to")[0].GetProperty("name").GetString());
    }

    [Fact]
    public void A_mail_of_headers_alone_and_a_mail_of_text_alone_are_read()
    {
        Assert.Equal("", Mails.Body(Mails.Utf8("Subject: no body")).GetProperty("text").GetString());
        Assert.Equal("none", Mails.Body(Mails.Utf8("Subject: no body")).GetProperty("textSource").GetString());
        Assert.Equal("only text", Mails.Body(Mails.Utf8("", "only text")).GetProperty("text").GetString());
    }

    [Theory]
    [InlineData("Date: not a date")]
    [InlineData("Date: Thu, 99 Foo 99999 99:99:99 +9999")]
    [InlineData("X-No: date")]
    public void A_date_that_cannot_be_read_is_null(string header) =>
        Assert.Equal(System.Text.Json.JsonValueKind.Null, Mails.Body(Mails.Utf8(header, "", "x")).GetProperty("date").ValueKind);
}
