using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Trunkline.Mail.Servers;

/// <summary>Verifies certificates of mail servers: as the system does, or against roots of a file instead of the system's.</summary>
internal static class TrustedRoots
{
    /// <summary>How the certificate of a server is judged. A file is read at each handshake, so that a new one counts at once.</summary>
    public static RemoteCertificateValidationCallback CallbackFor(MailServer server) => (_, certificate, chain, errors) =>
    {
        // Only the chain may be judged anew: another name, or no certificate, stays refused.
        if (certificate is null || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != SslPolicyErrors.None)
        {
            return false;
        }

        using var own = X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
        var isAccepted = server.TrustedRoots is { } path ? IsOfRoots(path, own, chain) : errors == SslPolicyErrors.None;
        if (isAccepted)
        {
            server.CertificateAccepted?.Invoke(server.Host, own.NotAfter);
        }

        return isAccepted;
    };

    private static bool IsOfRoots(string path, X509Certificate2 certificate, X509Chain? chain)
    {
        var roots = new X509Certificate2Collection();
        roots.ImportFromPemFile(path);
        using var anew = new X509Chain();
        anew.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        anew.ChainPolicy.CustomTrustStore.AddRange(roots);
        anew.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        if (chain is not null)
        {
            anew.ChainPolicy.ExtraStore.AddRange(chain.ChainElements.Select(element => element.Certificate).ToArray());
        }

        return anew.Build(certificate);
    }
}
