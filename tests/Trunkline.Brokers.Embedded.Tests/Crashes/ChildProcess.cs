using System.Diagnostics;
using System.Text;
using Trunkline.Brokers.Embedded.Tests.Storage;

namespace Trunkline.Brokers.Embedded.Tests.Crashes;

/// <summary>A running <see cref="StoreChild"/> and its journal.</summary>
internal sealed class ChildProcess : IDisposable
{
    private readonly Process _process;

    public ChildProcess(string folder, string journal, params IEnumerable<string> wrapper)
    {
        Journal = journal;
        var start = Start([StoreChild.Verb, folder, journal], wrapper);
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        _process = Process.Start(start)!;
    }

    public string Journal { get; }

    /// <summary>How this executable is started again with other arguments.</summary>
    public static ProcessStartInfo Start(IEnumerable<string> arguments, IEnumerable<string>? wrapper = null)
    {
        string[] command = [.. wrapper ?? [], Environment.ProcessPath!, .. Runner(), .. arguments];
        return new ProcessStartInfo(command[0], command[1..]);
    }

    /// <summary>Waits until the journal has so many lines, or the child ended.</summary>
    public async Task WaitForLinesAsync(int count)
    {
        for (var waited = 0; Lines(Journal).Count < count && !_process.HasExited; waited++)
        {
            Assert.True(waited < 6000, "the child is too slow");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, StoreFolder.Stop);
        }
    }

    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: true);
        await WaitForEndAsync();
    }

    /// <summary>Waits for the end of the child and, where it is wrapped, of what runs inside: all of them have the output open.</summary>
    public async Task WaitForEndAsync()
    {
        await _process.StandardOutput.ReadToEndAsync(StoreFolder.Stop).WaitAsync(TimeSpan.FromMinutes(1), StoreFolder.Stop);
        await _process.WaitForExitAsync(StoreFolder.Stop).WaitAsync(TimeSpan.FromMinutes(1), StoreFolder.Stop);
    }

    /// <summary>The journal's whole lines.</summary>
    public static List<string> Lines(string journal)
    {
        if (!File.Exists(journal))
        {
            return [];
        }

        using var file = new FileStream(journal, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file, Encoding.UTF8);
        var text = reader.ReadToEnd();
        return [.. text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    /// <summary>Started by <c>dotnet x.dll</c> or as an executable of its own.</summary>
    private static string[] Runner() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(StoreChild).Assembly.Location] : [];
}
