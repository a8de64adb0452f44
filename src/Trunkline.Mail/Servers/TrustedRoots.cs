using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Trunkline.Mail.Servers;

/// <summary>Verifies certificates against roots of a file instead of the system's.</summary>
internal static class TrustedRoots
{
    /// <summary>Null for the system's own verification.</summary>
    /// <param name="path">PEM file; read at each handshake, so that a new file counts at once.</param>
    public static RemoteCertificateValidationCallback? CallbackFor(string? path) => path is null ? null : (_, certificate, chain, errors) =>
    {
        // Only the chain may be judged anew: another name, or no certificate, stays refused.
        if (certificate is null || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != SslPolicyErrors.None)
        {
            return false;
        }

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

        using var own = X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
        return anew.Build(own);
    };
}
