using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Trunkline.Client;
using Trunkline.Testing.Processes;

namespace Trunkline.EndToEnd.Tests;

/// <summary>A demo on the bundled mails in a process of its own, whose node can be killed from here.</summary>
internal sealed partial class DemoProcess : IAsyncDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan PollPause = TimeSpan.FromMilliseconds(5);

    private readonly Process _process;
    private readonly Task<string> _output;

    private DemoProcess(Process process)
    {
        _process = process;
        _output = process.StandardOutput.ReadToEndAsync();
    }

    /// <summary>All it said on standard error so far.</summary>
    public List<string> Said { get; } = [];

    public static DemoProcess Start(string? data = null) => Start(["demo", "--json", "--corpus", "bundled"], data);

    /// <summary>The demo of a sink that dies and a poison mail.</summary>
    public static DemoProcess StartFailure() => Start(["demo", "failure", "--json"], null);

    private static DemoProcess Start(string[] arguments, string? data)
    {
        var start = new ProcessStartInfo(CommandRun.Executable, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (data is not null)
        {
            start.ArgumentList.Add("--data");
            start.ArgumentList.Add(data);
        }

        // Real models of the developer's own must not be asked by a test.
        start.Environment.Remove("OPENAI_URL");
        return new DemoProcess(Process.Start(start)!);
    }

    /// <summary>Waits for the next life of the node.</summary>
    public async Task<(Uri Url, int ProcessId)> NodeAsync(CancellationToken cancellationToken)
    {
        while (await _process.StandardError.ReadLineAsync(cancellationToken).AsTask().WaitAsync(Bound, TimeProvider.System, cancellationToken) is { } line)
        {
            Said.Add(line);
            if (NodeLine().Match(line) is { Success: true } ready)
            {
                return (new Uri(ready.Groups[1].Value), int.Parse(ready.Groups[2].Value, CultureInfo.InvariantCulture));
            }
        }

        throw new InvalidOperationException($"The demo ended without a node: {string.Join('\n', Said)}");
    }

    /// <summary>Waits until the topics of a node hold this many messages together, then kills it.</summary>
    public static async Task KillNodeAtAsync((Uri Url, int ProcessId) node, string[] topics, int messages, CancellationToken cancellationToken)
    {
        using var client = new TrunklineClient(node.Url);
        while ((await client.ListTopicsAsync(cancellationToken)).Topics.Where(topic => topics.Contains(topic.Name)).Sum(topic => topic.Messages) < messages)
        {
            await Task.Delay(PollPause, TimeProvider.System, cancellationToken).WaitAsync(Bound, TimeProvider.System, cancellationToken);
        }

        using var process = Process.GetProcessById(node.ProcessId);
        process.Kill();
    }

    /// <summary>Kills the demo itself; its node notices by its standard input.</summary>
    public async Task KillAsync(CancellationToken cancellationToken)
    {
        _process.Kill();
        await _process.WaitForExitAsync(cancellationToken);
    }

    /// <summary>Waits for the end and gives the report.</summary>
    public async Task<(int ExitCode, JsonElement Report)> EndAsync(CancellationToken cancellationToken)
    {
        while (await _process.StandardError.ReadLineAsync(cancellationToken).AsTask().WaitAsync(Bound, TimeProvider.System, cancellationToken) is { } line)
        {
            Said.Add(line);
        }

        await _process.WaitForExitAsync(cancellationToken);
        using var report = JsonDocument.Parse(await _output);
        return (_process.ExitCode, report.RootElement.Clone());
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
    }

    [GeneratedRegex(@"^node ready at (\S+) \(process (\d+)\)\z")]
    private static partial Regex NodeLine();
}
