using System.Globalization;

namespace Trunkline.EndToEnd.Tests.Soak;

/// <summary>Memory, handles and disk of the node, looked at every so often.</summary>
internal sealed class Samples(SoakNode node, SoakVolume volume)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Filling = TimeSpan.FromMinutes(1.5);
    private const double MB = 1e6;
    private readonly List<(double Minute, double Memory, double Handles, double Disk)> _taken = [];

    public async Task TakeAsync(CancellationToken stop)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!stop.IsCancellationRequested)
        {
            if (Look(TimeProvider.System.GetElapsedTime(began).TotalMinutes) is { } sample)
            {
                _taken.Add(sample);
            }

            await Task.Delay(Every, TimeProvider.System, CancellationToken.None);
        }
    }

    /// <summary>The most it had on disk, in MB. Space comes back in steps of 64 MB and more, so that a line through it says nothing.</summary>
    public double DiskMost => _taken.Select(s => s.Disk).DefaultIfEmpty().Max();

    /// <summary>How memory and handles went from a time on, when the node was last started, and had time to fill what the project bounds.</summary>
    public (Trend Memory, Trend Handles) Judge(TimeSpan from)
    {
        var steady = _taken.Where(s => s.Minute >= (from + Filling).TotalMinutes).ToList();
        return (
            Trend.Of([.. steady.Select(s => (s.Minute, s.Memory))], share: 0.1, allowance: 20),
            Trend.Of([.. steady.Select(s => (s.Minute, s.Handles))], share: 0.1, allowance: 20));
    }

    private (double Minute, double Memory, double Handles, double Disk)? Look(double minute)
    {
        try
        {
            var process = node.ProcessId;
            if (process == 0)
            {
                return null;
            }

            var line = File.ReadLines($"/proc/{process}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
            var memory = double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024 / MB;
            return (minute, memory, Directory.GetFileSystemEntries($"/proc/{process}/fd").Length, volume.Bytes / MB);
        }
        catch (Exception gone) when (gone is IOException or InvalidOperationException or UnauthorizedAccessException)
        {
            return null; // it died in between: that is what it is here for
        }
    }
}
