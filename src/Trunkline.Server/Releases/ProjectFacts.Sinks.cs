using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Trunkline.Core.Config;
using Trunkline.Server.Configuration;

namespace Trunkline.Server.Releases;

/// <content>Facts of sinks and servers, and how facts are written.</content>
internal sealed partial class ProjectFacts
{
    private void Server(Facts facts, string path, MailServerConfig server, string folder)
    {
        facts.Add(path + "host", server.Host);
        facts.Add(path + "port", server.Port);
        facts.Add(path + "tls", server.Tls.ToString());
        facts.Add(path + "ca", server.TrustedRoots is { } roots ? Relative(folder, roots) : null);
        facts.Add(path + "user", server.User);
        facts.Add(path + "password", Hidden(server.Password?.Value));
    }

    private void Sink(Facts facts, string path, SinkConfig sink, string folder)
    {
        facts.Add(path + "name", sink.Name);
        switch (sink)
        {
            case TopicSinkConfig topic:
                facts.Add(path + "topic", topic.Topic);
                facts.Add(path + "key", topic.Key);
                break;
            case OutboxSinkConfig outbox:
                Outbox(facts, path + outbox.Kind + ".", outbox, folder);
                break;
            default:
                throw new InvalidOperationException($"Sink {sink.GetType().Name} has no facts.");
        }
    }

    private void Outbox(Facts facts, string path, OutboxSinkConfig sink, string folder)
    {
        switch (sink)
        {
            case WebhookSinkConfig webhook:
                facts.Add(path + "url", Address(webhook.Url));
                facts.Add(path + "secret", Hidden(webhook.Secret?.Value));
                break;
            case ChatSinkConfig chat:
                facts.Add(path + "url", Hidden(chat.Url.Value));
                facts.Add(path + "text", chat.Text);
                facts.Add(path + "title", chat.Title);
                break;
            case SmtpSinkConfig smtp:
                Server(facts, path, smtp.Server, folder);
                facts.Add(path + "from", smtp.From);
                facts.Add(path + "to", smtp.To);
                facts.Add(path + "cc", smtp.Cc);
                MailText(facts, path + "subject", smtp.Subject);
                MailText(facts, path + "text", smtp.Text);
                MailText(facts, path + "html", smtp.Html);
                facts.Add(path + "thread", smtp.Thread);
                facts.Add(path + "replyTo", smtp.ReplyTo);
                facts.Add(path + "bounces", smtp.Bounces);
                facts.Add(path + "notify", smtp.Notify.ToString());
                break;
            case OutcomeSinkConfig outcome:
                facts.Add(path + "fact", outcome.Fact);
                facts.Add(path + "receipt", outcome.Receipt);
                facts.Add(path + "label", outcome.Label);
                facts.Add(path + "value", outcome.Value);
                break;
            case FileSinkConfig file:
                facts.Add(path + (file.IsFolder ? "folder" : "path"), Relative(folder, file.Path));
                facts.Add(path + "text", file.Text);
                facts.Add(path + "file", file.IsFolder ? file.FileName : null);
                facts.Add(path + "replace", file.Replaces ? "true" : null);
                facts.Add(path + "rotate.size", file.Rotate?.Bytes);
                facts.Add(path + "rotate.age", file.Rotate?.Age);
                facts.Add(path + "rotate.keep", (long?)file.Rotate?.Keep);
                facts.Add(path + "durability", file.Syncs ? null : "none");
                break;
            case LiveSinkConfig live:
                facts.Add(path + "path", live.Path);
                facts.Add(path + "secret", Hidden(live.AsksForTickets ? string.Join('\n', live.Secrets.Select(secret => secret.Value)) : null));
                facts.Add(path + "clients", live.ClientsMax);
                break;
            case UseSinkConfig use:
                facts.Add(path + "name", use.Use);
                break;
            case AlertmanagerSinkConfig manager:
                facts.Add(path + "url", Address(manager.Url));
                break;
            case PagerSinkConfig pager:
                facts.Add(path + "url", Address(pager.Url));
                facts.Add(path + "key", Hidden(pager.RoutingKey.Value));
                break;
            default:
                throw new InvalidOperationException($"Sink {sink.GetType().Name} has no facts.");
        }

        facts.Add(path + "timeout", sink.Timeout);
        if (sink.Breaker is { } breaker)
        {
            facts.Add(path + "breaker.failures", breaker.Failures);
            facts.Add(path + "breaker.pause", new DurationRange(breaker.PauseMin, breaker.PauseMax).ToString());
        }
    }

    // A query often carries a token: it is told apart without being shown.
    private string Address(Uri url) =>
        url.Query.Length == 0 ? url.AbsoluteUri : url.GetLeftPart(UriPartial.Path) + "?" + Hidden(url.Query)![ProjectItem.SecretMark.Length..][..12];

    private string? Hidden(string? secret) =>
        secret is null ? null : ProjectItem.SecretMark + Convert.ToHexStringLower(HMACSHA256.HashData(salt, Encoding.UTF8.GetBytes(secret)));

    private static string Relative(string folder, string path) => folder.Length == 0 ? path : Path.GetRelativePath(folder, path).Replace('\\', '/');

    private sealed class Facts
    {
        public SortedDictionary<string, string> Values { get; } = new(StringComparer.Ordinal);

        public void Add(string path, string? value)
        {
            if (value is not null)
            {
                Values.Add(path, value);
            }
        }

        public void Add(string path, int value) => Values.Add(path, value.ToString(CultureInfo.InvariantCulture));

        public void Add(string path, long? value) => Add(path, value?.ToString(CultureInfo.InvariantCulture));

        // A normal form: 1.50 and 1.5 are one price.
        public void Add(string path, decimal? value) => Add(path, value?.ToString("0.############################", CultureInfo.InvariantCulture));

        public void Add(string path, TimeSpan? value) => Add(path, value is { } duration ? DurationText.Format(duration) : null);
    }

    private static void MailText(Facts facts, string path, MailTextConfig? text) =>
        facts.Add(text is { IsTemplate: true } ? path + ".template" : path, text?.Text);
}
