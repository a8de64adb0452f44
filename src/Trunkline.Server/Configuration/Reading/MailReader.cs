using System.Net;
using Trunkline.Core.Config;
using Trunkline.Core.Config.Grammar;
using Trunkline.Mail.Servers;
using Trunkline.Server.Configuration.Grammar;

namespace Trunkline.Server.Configuration.Reading;

/// <summary>Reads what a flow takes mails from.</summary>
internal static class MailReader
{
    public static ImapSourceConfig? ReadImap(ObjectValues values, SourceLocation where, ProjectScope scope)
    {
        if (ReadServer(values, MailGrammar.ImapPort, tls => tls == MailTls.On ? 993 : 143, scope) is not { } server)
        {
            return null;
        }

        if (server.User is null)
        {
            scope.Faults.Add(values.Where, FaultCodes.MissingKey, $"{values.Path} has no 'user'.", $"Add 'user': {MailGrammar.User.Doc}");
        }

        var defaults = new ImapSourceConfig(server, values.Get(MailGrammar.Folder, "INBOX"), where);
        return defaults with
        {
            Flag = values.Get(MailGrammar.Flag, defaults.Flag),
            Poll = values.Get(MailGrammar.Poll, defaults.Poll),
            MailBytesMax = (int)values.Get(MailGrammar.ImapMaxSize, defaults.MailBytesMax),
        };
    }

    public static SmtpSourceConfig? ReadSmtp(ObjectValues values, SourceLocation where, ProjectScope scope)
    {
        var tls = values.Get(MailGrammar.SmtpTls);
        if (values.Get(MailGrammar.Listen) is { } listen && !IPAddress.IsLoopback(listen.Address) && !values.Has(MailGrammar.SmtpTls))
        {
            scope.Faults.Add(
                values.WhereOf(MailGrammar.Listen), FaultCodes.MissingKey, $"{values.Path} listens beyond loopback without 'tls'.", "Add tls with a certificate, or listen on 127.0.0.1.");
        }

        if (values.Get(MailGrammar.Listen) is not { } end || values.Get(MailGrammar.Recipients) is not { } recipients)
        {
            return null;
        }

        var defaults = new SmtpSourceConfig(end, [.. recipients.Select(r => r.Value)], where);
        return defaults with
        {
            HostName = values.Get(MailGrammar.HostName, defaults.HostName),
            Certificate = tls?.Get(MailGrammar.Certificate) is { } certificate ? scope.Resolve(certificate) : null,
            Key = tls?.Get(MailGrammar.Key) is { } key ? scope.Resolve(key) : null,
            RequireTls = tls?.Get(MailGrammar.RequireTls, false) ?? false,
            MailBytesMax = (int)values.Get(MailGrammar.SmtpMaxSize, defaults.MailBytesMax),
            ConnectionsMax = values.Get(MailGrammar.Connections, defaults.ConnectionsMax),
            ConnectionsPerClientMax = values.Get(MailGrammar.PerClient, defaults.ConnectionsPerClientMax),
            Timeout = values.Get(MailGrammar.CommandTimeout, defaults.Timeout),
        };
    }

    public static SmtpSinkConfig? ReadSink(ObjectValues values, string name, SourceLocation where, ProjectScope scope)
    {
        if (!values.Has(MailSinkGrammar.Text) && !values.Has(MailSinkGrammar.Html))
        {
            scope.Faults.Add(values.Where, FaultCodes.MissingKey, $"{values.Path} has neither 'text' nor 'html'.", $"Add 'text': {MailSinkGrammar.Text.Doc}");
        }

        var server = ReadServer(values, MailSinkGrammar.Port, tls => tls switch { MailTls.On => 465, MailTls.StartTls => 587, _ => 25 }, scope);
        if (server is null || values.Get(MailSinkGrammar.From) is not { } from || values.Get(MailSinkGrammar.To) is not { } to
            || ReadText(values.Get(MailSinkGrammar.Subject)) is not { } subject)
        {
            return null;
        }

        var defaults = new SmtpSinkConfig(name, server, from, to, subject, where);
        return defaults with
        {
            Cc = values.Get(MailSinkGrammar.Cc),
            Text = ReadText(values.Get(MailSinkGrammar.Text)),
            Html = ReadText(values.Get(MailSinkGrammar.Html)),
            Thread = values.Get(MailSinkGrammar.Thread, defaults.Thread),
            ReplyTo = values.Get(MailSinkGrammar.ReplyTo),
            Bounces = values.Get(MailSinkGrammar.Bounces),
            Notify = values.Get(MailSinkGrammar.Notify, defaults.Notify),
            Timeout = server.Timeout,
        };
    }

    private static MailTextConfig? ReadText(ObjectValues? part) =>
        part?.Get(MailSinkGrammar.Template) is { } template ? MailTextConfig.Template(template)
        : part?.Get(MailSinkGrammar.IsExpression) is { } expression ? MailTextConfig.Expression(expression)
        : null;

    public static OutcomeSinkConfig ReadOutcome(ObjectValues values, string name, SourceLocation where) =>
        new(name, values.Get(MailSinkGrammar.Fact, "message.report?.fact"), values.Get(MailSinkGrammar.Receipt, "message.report?.receipt"), where)
        {
            Label = values.Get(MailSinkGrammar.Label) ?? (values.Has(MailSinkGrammar.Fact) ? null : "message.report?.status"),
            Value = values.Get(MailSinkGrammar.Value),
        };

    /// <summary>The server to connect to; null if its host is unusable, which is reported.</summary>
    public static MailServerConfig? ReadServer(ObjectValues values, GrammarKey<int> port, Func<MailTls, int> portOf, ProjectScope scope)
    {
        var tls = values.Get(MailGrammar.Tls, MailTls.On);
        if (values.Get(MailGrammar.Host) is not { } host)
        {
            return null;
        }

        if (tls == MailTls.Off && !IsLoopback(host))
        {
            scope.Faults.Add(
                values.WhereOf(MailGrammar.Tls), FaultCodes.BadValue, $"{values.Path} sends mails and passwords in the clear: tls is off, and '{Printable.Show(host)}' is not loopback.", "Write on or starttls.");
        }

        if (values.Has(MailGrammar.Password) != values.Has(MailGrammar.User))
        {
            var (has, lacks) = values.Has(MailGrammar.User) ? (MailGrammar.User, MailGrammar.Password) : (MailGrammar.Password, MailGrammar.User);
            scope.Faults.Add(values.WhereOf(has), FaultCodes.MissingKey, $"{values.Path} has '{has.Name}' without '{lacks.Name}'.", $"Add '{lacks.Name}': {lacks.Doc}");
        }

        var defaults = new MailServerConfig(host, values.Get(port, portOf(tls)), tls);
        return defaults with
        {
            User = values.Get(MailGrammar.User),
            Password = values.Get(MailGrammar.Password) is { } password ? new Secret(password) : null,
            TrustedRoots = values.Get(MailGrammar.TrustedRoots) is { } roots ? scope.Resolve(roots) : null,
            Timeout = values.Get(MailGrammar.Timeout, defaults.Timeout),
        };
    }

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
}
