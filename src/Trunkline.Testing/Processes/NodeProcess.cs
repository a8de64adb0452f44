using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Trunkline.Testing.Processes;

/// <summary>A node in a process of its own, started with <c>trunkline run --json</c>, on a free port unless it is told one. Disposing it kills it.</summary>
public sealed class NodeProcess : IAsyncDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    private static readonly string[] FreePort = ["--listen", "http://127.0.0.1:0"];

    private readonly Process _process;
    private readonly Task<string> _error;
    private readonly StringBuilder _output = new();

    private NodeProcess(Process process)
    {
        _process = process;
        _error = process.StandardError.ReadToEndAsync();
    }

    /// <summary>Where it listens.</summary>
    public Uri Url { get; private set; } = new("http://127.0.0.1");

    /// <summary>Its process id.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Starts a node and waits until it is ready.</summary>
    /// <param name="setting">What it finds: its folder holds the project file unless the arguments name another.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="arguments">Further arguments of <c>run</c>.</param>
    /// <exception cref="InvalidOperationException">It ended, or said something else than that it is ready.</exception>
    public static async Task<NodeProcess> StartAsync(CommandSetting setting, CancellationToken cancellationToken, params string[] arguments)
    {
        var node = new NodeProcess(CommandRun.Start(["run", "--json", .. arguments.Contains("--listen") ? [] : FreePort, .. arguments], setting));
        try
        {
            var line = await node._process.StandardOutput.ReadLineAsync(cancellationToken).AsTask().WaitAsync(Bound, TimeProvider.System, cancellationToken).ConfigureAwait(false);
            if (line is null)
            {
                await node._process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
                throw new InvalidOperationException($"The node ended with {node._process.ExitCode}: {await node._error.ConfigureAwait(false)}");
            }

            node._output.AppendLine(line);
            using var ready = JsonDocument.Parse(line);
            node.Url = new Uri(ready.RootElement.GetProperty("url").GetString()!);
            return node;
        }
        catch
        {
            await node.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Sends SIGTERM and waits for the end.</summary>
    /// <returns>Exit code, all of its standard output, and its standard error.</returns>
    public Task<CommandRun> StopAsync(CancellationToken cancellationToken) => EndAsync("TERM", cancellationToken);

    /// <summary>Sends SIGKILL and waits for the end.</summary>
    public Task<CommandRun> KillAsync(CancellationToken cancellationToken) => EndAsync("KILL", cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        }

        _process.Dispose();
    }

    private async Task<CommandRun> EndAsync(string signal, CancellationToken cancellationToken)
    {
        // Process.Kill knows SIGKILL only; kill is POSIX.
        using var kill = Process.Start("kill", ["-s", signal, _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        var rest = _process.StandardOutput.ReadToEndAsync(cancellationToken);
        await _process.WaitForExitAsync(cancellationToken).WaitAsync(Bound, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        return new CommandRun(_process.ExitCode, _output + await rest.ConfigureAwait(false), await _error.ConfigureAwait(false));
    }
}
