using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Trunkline.Client;

namespace Trunkline.EndToEnd.Tests.Soak;

/// <summary>The node under the soak through all its lives, always at the same address. One caller at a time; the client may be used by all.</summary>
internal sealed class SoakNode : IAsyncDisposable
{
    private static readonly TimeSpan StartMax = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan CallMax = TimeSpan.FromSeconds(20);
    private readonly string _project;
    private readonly string _data;
    private readonly StreamWriter _log;
    private readonly Uri _address = new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{FreePort()}"));
    private Process? _process;
    private Task _errors = Task.CompletedTask;

    public SoakNode(string project, string data, string log)
    {
        (_project, _data) = (project, data);
        _log = new StreamWriter(log) { AutoFlush = true };
        Client = new TrunklineClient(_address, null, CallMax);
    }

    /// <summary>A client of the node, whether it lives or not.</summary>
    public TrunklineClient Client { get; }

    /// <summary>Its process; 0 while there is none.</summary>
    public int ProcessId => _process is { HasExited: false } process ? process.Id : 0;

    /// <summary>Starts it and waits until it is ready.</summary>
    public async Task StartAsync(string program, CancellationToken cancellationToken)
    {
        var process = Process.Start(new ProcessStartInfo(program, ["run", "--json", "-f", _project, "--data", _data, "--listen", _address.ToString()])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _process = process;
        _errors = Task.Run(async () =>
        {
            while (await process.StandardError.ReadLineAsync(CancellationToken.None) is { } line)
            {
                await _log.WriteLineAsync(line);
            }
        }, CancellationToken.None);
        var ready = await process.StandardOutput.ReadLineAsync(cancellationToken).AsTask().WaitAsync(StartMax, TimeProvider.System, cancellationToken);
        if (ready is null)
        {
            await process.WaitForExitAsync(cancellationToken);
            throw new InvalidOperationException($"The node ended with {process.ExitCode} instead of getting ready.");
        }
    }

    /// <summary>Sends it a signal, by name without SIG.</summary>
    public async Task SignalAsync(string name)
    {
        // Process.Kill knows SIGKILL only; kill is POSIX.
        using var kill = Process.Start("kill", ["-s", name, _process!.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(CancellationToken.None);
    }

    /// <summary>Ends it with a signal and waits for the end. Returns its exit code.</summary>
    public async Task<int> EndAsync(string signal)
    {
        await SignalAsync(signal);
        await _process!.WaitForExitAsync(CancellationToken.None);
        await _errors;
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (ProcessId != 0)
        {
            await EndAsync("KILL");
        }

        _process?.Dispose();
        Client.Dispose();
        await _log.DisposeAsync();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
