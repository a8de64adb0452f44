using Trunkline.Core.Config;
using Trunkline.Mail.Servers;
using Trunkline.Server.Configuration;

namespace Trunkline.Server.Tests.Configuration;

public sealed class MailFaultTests
{
    [Fact]
    public void All_faults_of_mail_channels_are_told_with_their_lines()
    {
        var load = Projects.Load("""
            flows:
              a:
                from: { imap: { host: mail.example.com, tls: off, user: anna } }
                to: { smtp: { host: mail.example.com, from: nobody, to: message.to, subject: message.subject } }
              b:
                from:
                  smtp:
                    listen: 0.0.0.0:2525
                    recipients: [ desk@example.com, "*", "a b@example.com" ]
                to: { smtp: { host: mail.example.com, port: 0, from: a@example.com, subject: "'x'", text: "'x'", notify: always } }
              c:
                from: { imap: { user: anna, password: x, flag: "a b", poll: 1h } }
                to: { outcome: { fact: "'read'", receit: message.id } }
            """);

        Assert.Null(load.Config);
        Assert.Equal(
            [
                (3, FaultCodes.BadValue),
                (3, FaultCodes.MissingKey),
                (4, FaultCodes.BadValue),
                (4, FaultCodes.MissingKey),
                (8, FaultCodes.MissingKey),
                (9, FaultCodes.BadValue),
                (9, FaultCodes.BadValue),
                (10, FaultCodes.BadValue),
                (10, FaultCodes.BadValue),
                (10, FaultCodes.MissingKey),
                (12, FaultCodes.BadDuration),
                (12, FaultCodes.BadValue),
                (12, FaultCodes.MissingKey),
                (13, FaultCodes.UnknownKey),
            ],
            load.Faults.Select(f => (f.Where.Line, f.Code)).OrderBy(f => f.Line).ThenBy(f => f.Code, StringComparer.Ordinal));
        Assert.All(load.Faults, f => Assert.NotEmpty(f.Remedy));
    }

    [Fact]
    public void What_is_left_out_has_its_default()
    {
        var project = Projects.Load("""
            flows:
              a:
                from: { imap: { host: mail.example.com, user: anna, password: secret } }
                to: { smtp: { host: mail.example.com, tls: starttls, from: a@example.com, to: message.from, subject: "'x'", text: "'x'" } }
            """).Config!;
        var imap = Assert.IsType<ImapSourceConfig>(project.Flows["a"].From);
        Assert.Equal((993, MailTls.On, "INBOX", "seen"), (imap.Server.Port, imap.Server.Tls, imap.Folder, imap.Flag));
        Assert.DoesNotContain("secret", imap.ToString(), StringComparison.Ordinal);
        var smtp = Assert.IsType<SmtpSinkConfig>(project.Flows["a"].Branches[0].To[0]);
        Assert.Equal(("smtp-1", 587, "message"), (smtp.Name, smtp.Server.Port, smtp.Thread));
        Assert.NotNull(smtp.Breaker);
    }
}
