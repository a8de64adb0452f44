using System.Globalization;
using Trunkline.Crash.Tests.Shim;

namespace Trunkline.Crash.Tests.Harness;

/// <summary><c>./dev crash --cycles N --seed S</c></summary>
internal static class CycleCommand
{
    public static async Task<int> RunAsync(string[] args)
    {
        var (cycles, seed) = (Option(args, "--cycles", 200), Option(args, "--seed", 7));
        var folder = Directory.CreateTempSubdirectory("trunkline-crash-").FullName;
        var powerLoss = PowerLoss.Build(folder);
        Console.Error.WriteLine(powerLoss is null
            ? "no C compiler: kills without dropping unsynced writes"
            : "kills, and drops what was not synced");
        try
        {
            var findings = await new CrashCycles(folder, seed, powerLoss, Console.Error.WriteLine).RunAsync(cycles);
            foreach (var finding in findings.Take(50))
            {
                Console.WriteLine(finding);
            }

            Console.WriteLine(findings.Count == 0 ? $"{cycles} cycles clean, seed {seed}" : $"{findings.Count} findings, seed {seed}");
            return findings.Count == 0 ? 0 : 1;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static int Option(string[] args, string name, int fallback)
    {
        var index = Array.IndexOf(args, name);
        return index >= 0 && index + 1 < args.Length ? int.Parse(args[index + 1], CultureInfo.InvariantCulture) : fallback;
    }
}
