using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Trunkline.Core.Security;
using Trunkline.Server.Configuration;

namespace Trunkline.Server.Sight.Alerts;

/// <summary>Something that ends by itself.</summary>
/// <param name="Key">What, the same each time.</param>
/// <param name="What">What, for people.</param>
/// <param name="Subject">The flow or model it is of, or the host.</param>
/// <param name="Owner">Who answers for it; null for nobody.</param>
/// <param name="At">When.</param>
internal sealed record Expiry(string Key, string What, string Subject, string? Owner, DateTimeOffset At);

/// <summary>Finds out when certificates and tokens end: the node's tokens, those of models that tell it (JWT), certificates of SMTP sources, and those that outgoing calls and mail servers showed. Files are read once a minute.</summary>
internal sealed class Expiries(PeerCertificates peers, TimeProvider time)
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    private (ProjectConfig Project, DateTimeOffset At, IReadOnlyList<Expiry> Found)? _last;

    /// <summary>All there are. One caller at a time.</summary>
    public IReadOnlyList<Expiry> Look(ProjectConfig project)
    {
        var now = time.GetUtcNow();
        if (_last is { } last && last.Project == project && now - last.At < Every)
        {
            return last.Found;
        }

        IReadOnlyList<Expiry> found =
        [
            .. project.Node.Auth.Where(t => t.Expires is not null).Select(t => new Expiry($"token/{t.Name}", $"token {t.Name} of this node", "node", null, t.Expires!.Value)),
            .. project.Models.Values.Select(OfModel).OfType<Expiry>(),
            .. project.Flows.Values.Select(OfFlow).OfType<Expiry>(),
            .. peers.Ends.Select(p => new Expiry($"certificate/{p.Key}", $"the certificate of {p.Key}", p.Key, OwnerOf(project, p.Key), p.Value)),
        ];
        _last = (project, now, found);
        return found;
    }

    /// <summary>When a token ends that says so itself: the claim <c>exp</c> of a JSON Web Token; null for any other.</summary>
    public static DateTimeOffset? EndOf(string token)
    {
        if (token.Split('.') is not [_, var claims, _])
        {
            return null;
        }

        try
        {
            var text = claims.Replace('-', '+').Replace('_', '/');
            using var json = JsonDocument.Parse(Convert.FromBase64String(text + new string('=', (4 - (text.Length % 4)) % 4)));
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("exp", out var exp) && exp.ValueKind == JsonValueKind.Number && exp.TryGetDouble(out var seconds) && seconds is > 0 and < 253_402_300_799
                ? DateTimeOffset.FromUnixTimeSeconds((long)seconds) : null;
        }
        catch (Exception other) when (other is FormatException or JsonException)
        {
            // Three parts with points between them, and no JSON Web Token.
            return null;
        }
    }

    private static Expiry? OfModel(ModelConfig model) =>
        model.Token is { } token && EndOf(token.Value) is { } end ? new Expiry($"model/{model.Name}", $"the token of model {model.Name}", model.Name, model.Owner, end) : null;

    private static Expiry? OfFlow(FlowConfig flow)
    {
        if (flow.From is not SmtpSourceConfig { Certificate: { } path })
        {
            return null;
        }

        try
        {
            using var certificate = X509Certificate2.CreateFromPem(File.ReadAllText(path));
            return new Expiry($"file/{flow.Name}", $"the certificate of flow {flow.Name}", flow.Name, flow.Owner, certificate.NotAfter);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or CryptographicException)
        {
            // The source that uses it says so; here is nothing to tell an end of.
            return null;
        }
    }

    private static string? OwnerOf(ProjectConfig project, string host) =>
        project.Models.Values.FirstOrDefault(m => m.Endpoint?.Host == host)?.Owner
        ?? project.Flows.Values.FirstOrDefault(f => f.From is ImapSourceConfig imap && imap.Server.Host == host || f.Branches.SelectMany(b => b.To).Any(s => HostOf(s) == host))?.Owner;

    private static string? HostOf(SinkConfig sink) => sink switch
    {
        WebhookSinkConfig webhook => webhook.Url.Host,
        SmtpSinkConfig smtp => smtp.Server.Host,
        _ => null,
    };
}
