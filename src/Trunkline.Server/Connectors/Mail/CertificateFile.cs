using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Trunkline.Server.Connectors.Mail;

/// <summary>A certificate with its chain and key in PEM files, read again when they change; while they cannot be read, the one before goes on. Thread-safe.</summary>
internal sealed class CertificateFile
{
    private readonly string _certificate;
    private readonly string? _key;
    private readonly Lock _lock = new();
    private SslStreamCertificateContext _current;
    private (DateTime, DateTime) _changed;

    /// <exception cref="CryptographicException">The files hold no certificate and its key.</exception>
    /// <exception cref="IOException">They cannot be read.</exception>
    public CertificateFile(string certificate, string? key)
    {
        (_certificate, _key) = (certificate, key);
        _changed = Changed();
        _current = Read();
    }

    public SslStreamCertificateContext Current()
    {
        lock (_lock)
        {
            if (Changed() is var changed && changed != _changed)
            {
                try
                {
                    (_current, _changed) = (Read(), changed);
                }
                catch (Exception half) when (half is IOException or CryptographicException or UnauthorizedAccessException)
                {
                    // A renewal writes two files, one after the other: between them they do not match.
                }
            }

            return _current;
        }
    }

    private (DateTime, DateTime) Changed() => (File.GetLastWriteTimeUtc(_certificate), _key is null ? default : File.GetLastWriteTimeUtc(_key));

    private SslStreamCertificateContext Read()
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(_certificate);
        var own = X509Certificate2.CreateFromPemFile(_certificate, _key);
        return SslStreamCertificateContext.Create(own, chain, offline: true);
    }
}
