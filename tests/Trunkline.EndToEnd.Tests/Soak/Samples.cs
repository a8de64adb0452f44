using System.Globalization;

namespace Trunkline.EndToEnd.Tests.Soak;

/// <summary>Memory, handles and disk of the node, looked at every so often.</summary>
internal sealed class Samples(SoakNode node, SoakVolume volume)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
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

    /// <summary>
    /// How they went from a time on. Its first half is left out: a node that was just started fills its caches, its tables in memory (64 MB and
    /// more) and its log (up to 256 MB), which are bounds and no growth.
    /// </summary>
    public (Trend Memory, Trend Handles, Trend Disk) Judge(TimeSpan from)
    {
        var steady = _taken.Where(s => s.Minute >= from.TotalMinutes).ToList();
        steady.RemoveRange(0, steady.Count / 2);
        return (
            Trend.Of([.. steady.Select(s => (s.Minute, s.Memory))], share: 0.1, allowance: 40),
            Trend.Of([.. steady.Select(s => (s.Minute, s.Handles))], share: 0.1, allowance: 20),
            Trend.Of([.. steady.Select(s => (s.Minute, s.Disk))], share: 0.1, allowance: 100));
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
