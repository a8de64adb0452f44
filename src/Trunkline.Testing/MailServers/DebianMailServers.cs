using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Trunkline.Testing.Processes;

namespace Trunkline.Testing.MailServers;

/// <summary>
/// Debian's Dovecot (IMAP) and Exim (SMTP) on free loopback ports and in a folder of their own, under Exim's user: Exim delivers mails for
/// anna, bob, desk and support at example.com where Dovecot reads them. Every user has the password <see cref="Password"/>. Disposing ends both.
/// </summary>
public sealed class DebianMailServers : IAsyncDisposable
{
    /// <summary>The password of every user.</summary>
    public const string Password = "s3cret-of-the-tests";

    // Exim puts nothing into a path that a stranger wrote: only names from a list of its own.
    private static readonly string[] Users = ["anna", "bob", "desk", "support"];

    private const string Dovecot = "/usr/sbin/dovecot";
    private const string Exim = "/usr/sbin/exim4";
    private const string Owner = "Debian-exim";
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();
    private readonly List<Process> _processes = [];

    private DebianMailServers(bool offersIdle)
    {
        var (imap, imaps, smtp) = (FreePort(), FreePort(), FreePort());
        (ImapPort, ImapsPort, SmtpPort) = (imap, imaps, smtp);
        OffersIdle = offersIdle;
    }

    /// <summary>Why they cannot run here; null if they can.</summary>
    public static string? Missing =>
        !File.Exists(Dovecot) ? "dovecot-imapd is not installed (./dev setup)"
        : !File.Exists(Exim) ? "exim4-daemon-light is not installed (./dev setup)"
        : Environment.UserName == "root" || CanSudo() ? null : "neither root nor sudo, which Exim needs to change its user";

    /// <summary>Port of IMAP with STARTTLS.</summary>
    public int ImapPort { get; }

    /// <summary>Port of IMAP over TLS.</summary>
    public int ImapsPort { get; }

    /// <summary>Port of SMTP with STARTTLS.</summary>
    public int SmtpPort { get; }

    /// <summary>Whether Dovecot offers IDLE.</summary>
    public bool OffersIdle { get; }

    /// <summary>PEM file of the certificate both use, for localhost and 127.0.0.1.</summary>
    public string Certificate => In("cert.pem");

    /// <summary>PEM file of its key.</summary>
    public string Key => In("key.pem");

    /// <summary>Starts both; completes when they answer.</summary>
    public static async Task<DebianMailServers> StartAsync(bool offersIdle = true)
    {
        var servers = new DebianMailServers(offersIdle);
        try
        {
            await servers.WriteAsync().ConfigureAwait(false);
            await servers.StartDovecotAsync().ConfigureAwait(false);
            servers.Start(Exim, "-bdf", "-q1s", "-C", servers.In("exim.conf"));
            await AnswersAsync(servers.SmtpPort).ConfigureAwait(false);
            return servers;
        }
        catch
        {
            await servers.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Starts Dovecot, after <see cref="StopDovecotAsync"/>.</summary>
    public async Task StartDovecotAsync()
    {
        Start(Dovecot, "-F", "-c", In("dovecot.conf"));
        await AnswersAsync(ImapPort).ConfigureAwait(false);
        await AnswersAsync(ImapsPort).ConfigureAwait(false);
    }

    /// <summary>Ends Dovecot and its connections at once.</summary>
    public async Task StopDovecotAsync()
    {
        var dovecot = _processes.Single(process => process.StartInfo.ArgumentList.Contains(Dovecot));
        await EndAsync(dovecot).ConfigureAwait(false);
        _processes.Remove(dovecot);
    }

    /// <summary>Runs a command as the owner of the mails, such as <c>rm -rf</c> on a mailbox; paths are relative to the folder of mailboxes.</summary>
    public async Task RunAsync(params string[] command)
    {
        using var process = Start(command[0], command[1..], In("mail"));
        await process.WaitForExitAsync().WaitAsync(Bound).ConfigureAwait(false);
        _processes.Remove(process);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            await EndAsync(process).ConfigureAwait(false);
        }

        using var chown = Process.Start(AsRoot("chown", "-R", Environment.UserName, _folder.Path))!;
        await chown.WaitForExitAsync().WaitAsync(Bound).ConfigureAwait(false);
        _folder.Dispose();
    }

    private static bool CanSudo()
    {
        try
        {
            using var sudo = Process.Start(new ProcessStartInfo("sudo", ["-n", "true"]) { RedirectStandardError = true })!;
            return sudo.WaitForExit(Bound) && sudo.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static ProcessStartInfo AsRoot(string command, params string[] arguments) =>
        Environment.UserName == "root" ? new ProcessStartInfo(command, arguments) : new ProcessStartInfo("sudo", ["-n", command, .. arguments]);

    private static async Task EndAsync(Process process)
    {
        if (!process.HasExited)
        {
            // Their children end with them, which a kill would leave.
            using var kill = Process.Start(AsRoot("kill", process.Id.ToString(CultureInfo.InvariantCulture)))!;
            await kill.WaitForExitAsync().ConfigureAwait(false);
            await process.WaitForExitAsync().WaitAsync(Bound).ConfigureAwait(false);
        }

        process.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task AnswersAsync(int port)
    {
        using var bound = new CancellationTokenSource(Bound, TimeProvider.System);
        while (true)
        {
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync(IPAddress.Loopback, port, bound.Token).ConfigureAwait(false);
                return;
            }
            catch (SocketException) when (!bound.IsCancellationRequested)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, bound.Token).ConfigureAwait(false);
            }
        }
    }

    private string In(string name) => _folder.In(name);

    private void Start(string command, params string[] arguments) => Start(command, arguments, _folder.Path);

    private Process Start(string command, string[] arguments, string folder)
    {
        var start = AsRoot("setpriv", ["--reuid", Owner, "--regid", Owner, "--clear-groups", command, .. arguments]);
        (start.RedirectStandardOutput, start.RedirectStandardError, start.WorkingDirectory) = (true, true, folder);
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{command} did not start.");
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _processes.Add(process);
        return process;
    }

    private async Task WriteAsync()
    {
        foreach (var sub in new[] { "run", "state", "mail", "home", "spool" })
        {
            Directory.CreateDirectory(In(sub));
        }

        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(7));
        await File.WriteAllTextAsync(Certificate, certificate.ExportCertificatePem()).ConfigureAwait(false);
        await File.WriteAllTextAsync(Key, key.ExportPkcs8PrivateKeyPem()).ConfigureAwait(false);
        await File.WriteAllLinesAsync(In("users"), Users.Select(user => $"{user}: {user}")).ConfigureAwait(false);
        await File.WriteAllTextAsync(In("dovecot.conf"), DovecotConfig()).ConfigureAwait(false);
        await File.WriteAllTextAsync(In("exim.conf"), EximConfig()).ConfigureAwait(false);

        // Exim takes a configuration nobody but root, or its own user, can have written; and both must get into the folder.
        using var chown = Process.Start(AsRoot("chown", "-R", Owner + ":" + Owner, _folder.Path))!;
        await chown.WaitForExitAsync().ConfigureAwait(false);
        using var chmod = Process.Start(AsRoot("chmod", "755", _folder.Path))!;
        await chmod.WaitForExitAsync().ConfigureAwait(false);
    }

    private string DovecotConfig() => $$"""
        protocols = imap
        listen = 127.0.0.1
        base_dir = {{In("run")}}
        state_dir = {{In("state")}}
        log_path = {{In("dovecot.log")}}
        default_internal_user = {{Owner}}
        default_internal_group = {{Owner}}
        default_login_user = {{Owner}}
        mail_location = maildir:{{In("mail")}}/%n
        ssl = yes
        ssl_cert = <{{Certificate}}
        ssl_key = <{{Key}}
        first_valid_uid = 1
        mail_max_userip_connections = 100
        {{(OffersIdle ? "" : "imap_capability = IMAP4rev1 SASL-IR LITERAL+ STARTTLS AUTH=PLAIN")}}
        passdb {
          driver = static
          args = password={{Password}}
        }
        userdb {
          driver = static
          args = uid={{Owner}} gid={{Owner}} home={{In("home")}}/%n
        }
        service anvil {
          chroot =
        }
        service stats {
          chroot =
        }
        service imap-login {
          chroot =
          inet_listener imap {
            port = {{ImapPort}}
          }
          inet_listener imaps {
            port = {{ImapsPort}}
            ssl = yes
          }
        }
        """;

    private string EximConfig() => $$"""
        exim_path = {{Exim}}
        spool_directory = {{In("spool")}}
        log_file_path = {{In("spool")}}/exim-%s.log
        pid_file_path = {{In("spool")}}/exim.pid
        primary_hostname = exim.example.com
        local_interfaces = 127.0.0.1
        daemon_smtp_ports = {{SmtpPort}}
        tls_advertise_hosts = *
        tls_certificate = {{Certificate}}
        tls_privatekey = {{Key}}
        dsn_advertise_hosts = *
        deliver_drop_privilege = true
        acl_smtp_rcpt = recipient
        acl_smtp_data = any
        smtp_accept_max = 200
        smtp_accept_max_per_host = 200
        smtp_accept_queue_per_connection = 0
        message_size_limit = 64M
        begin acl
        recipient:
          defer local_parts = later
          deny local_parts = refused
          accept domains = example.com
          deny
        any:
          accept
        begin routers
        gone:
          driver = redirect
          local_parts = gone
          data = :fail: no such person
          allow_fail
        local:
          driver = accept
          domains = example.com
          transport = maildir
        begin transports
        maildir:
          driver = appendfile
          directory = {{In("mail")}}/${lookup{$local_part}lsearch{{{In("users")}}}{$value}fail}
          maildir_format
        begin retry
        * * F,1h,1s
        """;
}
