using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Trunkline.Cli.Terminal;

namespace Trunkline.Cli.Demo;

/// <summary>One life of a node in a process of its own. It ends when this process does: its standard input closes then.</summary>
internal sealed class NodeChild : IAsyncDisposable
{
    private static readonly TimeSpan StartMax = TimeSpan.FromMinutes(2);

    // A node drains for at most 30 s.
    private static readonly TimeSpan StopMax = TimeSpan.FromSeconds(40);

    private readonly Process _process;
    private readonly Task _errors;

    private NodeChild(Process process, NodeLog log)
    {
        _process = process;
        _errors = Task.Run(async () =>
        {
            while (await process.StandardError.ReadLineAsync(CancellationToken.None) is { } line)
            {
                log.Add(line);
            }
        });
    }

    /// <summary>Where it listens.</summary>
    public Uri Url { get; private set; } = new("http://127.0.0.1");

    /// <summary>Its process.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Whether it said that it is ready; it may have ended since.</summary>
    public bool WasReady { get; private set; }

    /// <summary>Whether it ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>What it ended with; 137 after SIGKILL.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>Starts it and waits until it is ready or ended.</summary>
    public static async Task<NodeChild> StartAsync(DemoFolder folder, IReadOnlyDictionary<string, string> environment, NodeLog log, CancellationToken cancellationToken)
    {
        var child = new NodeChild(Process.Start(Describe(folder, environment)) ?? throw new InvalidOperationException("The node did not start."), log);
        try
        {
            var line = await child._process.StandardOutput.ReadLineAsync(cancellationToken).AsTask().WaitAsync(StartMax, TimeProvider.System, cancellationToken);
            if (line is not null && JsonSerializer.Deserialize(line, CliJson.Default.ReadyDocument) is { Url: { } url })
            {
                (child.Url, child.WasReady) = (new Uri(url), true);
                return child;
            }

            // No line, or one that tells why it does not start: it ends by itself.
            await child._process.WaitForExitAsync(cancellationToken).WaitAsync(StartMax, TimeProvider.System, cancellationToken);
            await child._errors;
            return child;
        }
        catch
        {
            await child.DisposeAsync();
            throw;
        }
    }

    /// <summary>Asks it to stop, and ends it if it does not.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.StandardInput.Close();
            using var bound = new CancellationTokenSource(StopMax, TimeProvider.System);
            try
            {
                await _process.WaitForExitAsync(bound.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill();
                await _process.WaitForExitAsync(CancellationToken.None);
            }
        }

        await _errors;
        _process.Dispose();
    }

    private static ProcessStartInfo Describe(DemoFolder folder, IReadOnlyDictionary<string, string> environment)
    {
        var program = Environment.ProcessPath ?? throw new InvalidOperationException("The path of this program is not known.");
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };

        // Run as 'dotnet trunkline.dll', the program is the host and needs the name of the assembly.
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
        {
            start.ArgumentList.Add(typeof(NodeChild).Assembly.Location);
        }

        foreach (var argument in (string[])["run", "--json", "--stop-with-input", "-f", folder.Project, "--data", folder.Data, "--listen", "http://127.0.0.1:0"])
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return start;
    }
}
