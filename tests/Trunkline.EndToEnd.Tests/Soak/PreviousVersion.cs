using System.Diagnostics;
using System.Formats.Tar;

namespace Trunkline.EndToEnd.Tests.Soak;

/// <summary>The program as an earlier commit makes it, built from the history of this working copy.</summary>
internal static class PreviousVersion
{
    private static readonly TimeSpan BuildMax = TimeSpan.FromMinutes(5);

    /// <summary>The root of the working copy.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The commit a name means, or null: there is no git, no history, or no such commit.</summary>
    public static async Task<string?> FindAsync(string name)
    {
        try
        {
            var (code, output) = await RunAsync(Root, TimeSpan.FromMinutes(1), "git", "rev-parse", "--verify", "--quiet", $"{name}^{{commit}}");
            return code == 0 ? output.Trim() : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    /// <summary>Builds a commit in a folder; returns its executable.</summary>
    /// <exception cref="InvalidOperationException">It cannot be built, or not in the time there is.</exception>
    public static async Task<string> BuildAsync(string commit, string folder)
    {
        var (packed, source) = (Path.Combine(folder, "source.tar"), Path.Combine(folder, "source"));
        await DemandAsync(Root, "git", "archive", "--format=tar", "-o", packed, commit);
        Directory.CreateDirectory(source);
        await TarFile.ExtractToDirectoryAsync(packed, source, overwriteFiles: false);
        await DemandAsync(source, "./dev", "build");
        return Path.Combine(source, "artifacts", "trunkline", "trunkline");
    }

    private static async Task DemandAsync(string folder, string program, params string[] arguments)
    {
        var (code, output) = await RunAsync(folder, BuildMax, program, arguments);
        if (code != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {code}: {output}");
        }
    }

    private static async Task<(int Code, string Output)> RunAsync(string folder, TimeSpan bound, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo("timeout", [$"{bound.TotalSeconds}", program, .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        var output = await process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        await process.WaitForExitAsync(CancellationToken.None);
        return (process.ExitCode, output + await errors);
    }

    private static string FindRoot()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Trunkline.slnx")))
            {
                return folder;
            }
        }

        throw new DirectoryNotFoundException($"Trunkline.slnx is in no folder above {AppContext.BaseDirectory}.");
    }
}
