using System.Globalization;

namespace Trunkline.Bench.Results;

/// <summary>What the figures were taken on.</summary>
internal static class Machine
{
    public static string Describe()
    {
        var cpu = Read("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown processor";
        var load = Read("/proc/loadavg").FirstOrDefault()?.Split(' ')[0] ?? "?";
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1 << 30);
        return string.Create(CultureInfo.InvariantCulture,
            $"{Environment.ProcessorCount} × {cpu}, {memory} GiB, {Environment.OSVersion}, .NET {Environment.Version}, load {load} at the start");
    }

    /// <summary>Bytes this process had written to disks so far.</summary>
    public static long BytesWritten() =>
        Read("/proc/self/io").FirstOrDefault(l => l.StartsWith("write_bytes:", StringComparison.Ordinal)) is { } line
            ? long.Parse(line.AsSpan(line.IndexOf(':', StringComparison.Ordinal) + 1), CultureInfo.InvariantCulture) : 0;

    private static string[] Read(string path) => File.Exists(path) ? File.ReadAllLines(path) : [];
}
