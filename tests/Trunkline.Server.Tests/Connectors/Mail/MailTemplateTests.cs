using System.Text;
using Trunkline.Mail.Servers;
using Trunkline.Mail.Smtp;
using Trunkline.Messaging;
using Trunkline.Server.Configuration;
using Trunkline.Server.Connectors;
using Trunkline.Server.Connectors.Mail;
using Trunkline.Server.Templates;
using Trunkline.Server.Tests.Configuration;

namespace Trunkline.Server.Tests.Connectors.Mail;

/// <summary>Mails whose texts templates make.</summary>
public sealed class MailTemplateTests
{
    private const string Context = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    private const string Mail = """{"from":"anna@example.com","name":"Anna & <b>Söhne</b> \"x\"","subject":"Order 7","tags":["a","b"]}""";

    [Fact]
    public async Task Templates_make_subject_text_and_html_and_what_a_message_says_is_escaped_in_html_only()
    {
        var mail = await MakeAsync(Mail, "Re: {{ message.subject }}\n", "Dear {{ message.name }},{% for tag in message.tags %} {{ tag }}{% endfor %}", "<p title=\"{{ message.name }}\">{{ message.name }}</p>");

        Assert.Equal("Re: Order 7", mail.Subject);
        Assert.Equal("Dear Anna & <b>Söhne</b> \"x\", a b", mail.Text);
        const string Escaped = "Anna &amp; &lt;b&gt;Söhne&lt;/b&gt; &quot;x&quot;";
        Assert.Equal($"<p title=\"{Escaped}\">{Escaped}</p>", mail.Html);
        Assert.Equal(["anna@example.com"], mail.To);
        Assert.Equal(Context, mail.TraceParent);
    }

    [Theory]
    [InlineData("hi\\r\\nBcc: bob@example.com")]
    [InlineData("hi\\nBcc: bob@example.com")]
    [InlineData("hi\\u0000")]
    public async Task A_value_with_a_line_end_adds_no_header(string subject)
    {
        var mail = await MakeAsync($$"""{"from":"anna@example.com","subject":"{{subject}}"}""", "Re: {{ message.subject }} (7)", "x", "x");

        // The wire refuses it: tried against a server in SmtpSinkTests.
        Assert.Contains(mail.Subject, char.IsControl);
        using var sender = new SmtpSender(new MailServer("localhost", 1, MailTls.Off) { Connect = (_, _, _) => throw new IOException("nobody is to be called") }, MailNotices.Never, null);
        await Assert.ThrowsAsync<FormatException>(() => sender.SendAsync(mail, TimeProvider.System, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_message_that_makes_a_template_endless_is_refused() => await Assert.ThrowsAsync<TemplateException>(() => MakeAsync(
        $$"""{"from":"anna@example.com","list":[{{string.Join(',', Enumerable.Repeat("1", 5_000))}}]}""",
        "x",
        "{% for a in message.list %}{% for b in message.list %}{{ a }}{% endfor %}{% endfor %}",
        "x"));

    [Fact]
    public void A_project_says_which_of_the_two_it_means_and_a_broken_template_is_a_fault()
    {
        var smtp = (SmtpSinkConfig)Projects.Load(Project("subject: { template: 'Re: {{ message.subject }}' }, text: message.answer")).Config!.Flows["a"].Branches[0].To[0];
        Assert.Equal((MailTextConfig.Template("Re: {{ message.subject }}"), MailTextConfig.Expression("message.answer")), (smtp.Subject, smtp.Text));

        Assert.Contains("Liquid", Assert.Single(Projects.Load(Project("subject: { template: '{% if %}' }, text: message.answer")).Faults).Message, StringComparison.Ordinal);
        Assert.NotEmpty(Projects.Load(Project("subject: { template: 'x', is: message.x }, text: message.answer")).Faults);
    }

    private static string Project(string texts) => $$"""
        topics: { in: {} }
        flows:
          a:
            from: { topic: in }
            to: { smtp: { host: mail.example.com, tls: starttls, from: a@example.com, to: message.from, {{texts}} } }
        """;

    private static async Task<OutgoingMail> MakeAsync(string json, string subject, string text, string html)
    {
        var sink = new SmtpSinkConfig("smtp-1", new MailServerConfig("localhost", 25, MailTls.Off), "desk@example.com", "message.from", MailTextConfig.Template(subject), default)
        {
            Text = MailTextConfig.Template(text),
            Html = MailTextConfig.Template(html),
        };
        using var values = new SinkValues();
        var message = new Message { Id = new MessageId("m1"), ContentType = "application/json", Payload = Encoding.UTF8.GetBytes(json), Headers = Headers.Of(new Header(HeaderNames.TraceParent, Context)) };
        return await new MailMaker(sink).MakeAsync(new SinkMessage(message, "r1", 1), values, DateTimeOffset.UnixEpoch);
    }
}
