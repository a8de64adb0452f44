using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Trunkline.Bench.Idle;

/// <summary>A server in a process of its own that says on standard output when it is ready.</summary>
internal sealed class MeasuredProcess : IAsyncDisposable
{
    private readonly Process _process;

    private MeasuredProcess(Process process, Uri url, TimeSpan ready, TimeSpan cpu) => (_process, Url, Ready, Cpu) = (process, url, ready, cpu);

    public Uri Url { get; }

    /// <summary>From the start of the process to its ready line.</summary>
    public TimeSpan Ready { get; }

    /// <summary>Processor time it used until then, over all threads: what a busy machine does not alter.</summary>
    public TimeSpan Cpu { get; }

    public static async Task<MeasuredProcess> StartAsync(string program, string folder, params string[] arguments)
    {
        var clock = Stopwatch.StartNew();
        var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        var line = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException($"{program} ended before it was ready");
        var (ready, cpu) = (clock.Elapsed, process.TotalProcessorTime);
        return new MeasuredProcess(process, new Uri(JsonDocument.Parse(line).RootElement.GetProperty("url").GetString()!), ready, cpu);
    }

    /// <summary>Resident memory now, in MB.</summary>
    public double MemoryMb()
    {
        var line = File.ReadLines($"/proc/{_process.Id}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024 / 1_000_000;
    }

    /// <summary>Processor time it used until now, over all threads.</summary>
    public TimeSpan CpuNow()
    {
        _process.Refresh();
        return _process.TotalProcessorTime;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
