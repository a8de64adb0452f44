using System.Collections.Concurrent;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Trunkline.Core.Security;

/// <summary>Until when the certificates are valid that outgoing calls met, by host. Thread-safe.</summary>
public sealed class PeerCertificates
{
    /// <summary>Hosts that are remembered; further ones are not.</summary>
    public const int HostsMax = 1000;

    private readonly ConcurrentDictionary<string, DateTimeOffset> _ends = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>When they end, as the last handshake with each host had it.</summary>
    public IReadOnlyDictionary<string, DateTimeOffset> Ends => _ends;

    /// <summary>Judges as the system did, and remembers what it accepted.</summary>
    /// <param name="sender">The connection.</param>
    /// <param name="certificate">What its other side showed.</param>
    /// <param name="errors">What the system found wrong with it.</param>
    public bool Accepts(object sender, X509Certificate? certificate, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None && sender is SslStream { TargetHostName: { Length: > 0 } host } && certificate is X509Certificate2 known)
        {
            Note(host, known.NotAfter);
        }

        return errors == SslPolicyErrors.None;
    }

    /// <summary>Remembers when a certificate ends that was accepted.</summary>
    /// <param name="host">Whose it is.</param>
    /// <param name="end">When.</param>
    public void Note(string host, DateTimeOffset end)
    {
        if (_ends.Count < HostsMax || _ends.ContainsKey(host))
        {
            _ends[host] = end;
        }
    }
}
