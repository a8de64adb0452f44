using System.Collections.Concurrent;
using System.Diagnostics;

namespace Trunkline.EndToEnd.Tests.Clients;

/// <summary>A program in another process that uses a node; every line it writes is kept. Disposing it kills it.</summary>
internal sealed class ClientProgram : IDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly ConcurrentQueue<string> _errors = new();

    private ClientProgram(ProcessStartInfo start)
    {
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Keep(_lines, line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(_errors, line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>What it has written to its standard output, line by line.</summary>
    public IReadOnlyCollection<string> Lines => _lines;

    public string Errors => string.Join('\n', _errors);

    public bool HasEnded => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    /// <summary>Starts a program; null if this machine has none of that name.</summary>
    public static ClientProgram? TryStart(string program, IEnumerable<string> arguments, Uri node, string? input = null)
    {
        if (Find(program) is not { } path)
        {
            return null;
        }

        var start = new ProcessStartInfo(path, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        (start.Environment["TRUNKLINE_URL"], start.Environment["LEASE_MS"]) = (node.ToString(), "3000");
        start.Environment.Remove("TRUNKLINE_TOKEN");
        var started = new ClientProgram(start);
        started._process.StandardInput.Write(input);
        started._process.StandardInput.Close();
        return started;
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync(CancellationToken cancellationToken)
    {
        _process.Kill(entireProcessTree: true);
        await EndedAsync(cancellationToken);
    }

    /// <summary>Asks it to stop, as a supervisor does.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        using var kill = Process.Start("kill", ["-s", "TERM", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(cancellationToken);
        await EndedAsync(cancellationToken);
    }

    /// <summary>Waits for its end, and for all it wrote.</summary>
    public Task EndedAsync(CancellationToken cancellationToken) =>
        _process.WaitForExitAsync(cancellationToken).WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System, cancellationToken);

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    private static string? Find(string program) => Path.IsPathRooted(program) ? program : Environment.GetEnvironmentVariable("PATH")!
        .Split(':').Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    private static void Keep(ConcurrentQueue<string> lines, string? line)
    {
        if (line is not null)
        {
            lines.Enqueue(line);
        }
    }
}
