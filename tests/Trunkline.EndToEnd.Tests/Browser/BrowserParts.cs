using System.Diagnostics;
using System.Text.Json;

namespace Trunkline.EndToEnd.Tests.Browser;

/// <summary>What a browser's journeys need, and where it is.</summary>
internal static class BrowserParts
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>Every page is looked at four times, and searched for faults twice.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(10);

    private static readonly string Root = FindRoot(AppContext.BaseDirectory);

    /// <summary>The folder with the scripts and what they need from npm.</summary>
    public static string Folder { get; } = Path.Combine(Root, "artifacts", "npm", "browser");

    /// <summary>Where screenshots are kept.</summary>
    public static string Screenshots { get; } = Path.Combine(Root, "artifacts", "screenshots");

    /// <summary>The published program.</summary>
    public static string Executable { get; } = Path.Combine(Root, "artifacts", "trunkline", "trunkline");

    /// <summary>Debian's browser.</summary>
    public static string Chromium => "/usr/bin/chromium";

    /// <summary>What is missing; null if everything is there. Where tests may fetch (CI=true), npm does.</summary>
    public static async Task<string?> MissingAsync()
    {
        if (!File.Exists(Chromium))
        {
            return "chromium is not installed: ./dev setup";
        }

        if (!IsFresh())
        {
            return "artifacts/trunkline is not there, or its pages are not those built here: ./dev build";
        }

        Directory.CreateDirectory(Folder);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Root, "tests", "Trunkline.EndToEnd.Tests", "Browser"), "*.*js*"))
        {
            File.Copy(file, Path.Combine(Folder, Path.GetFileName(file)), overwrite: true);
        }

        if (Directory.Exists(Path.Combine(Folder, "node_modules", "playwright-core")))
        {
            return null;
        }

        return Environment.GetEnvironmentVariable("CI") == "true" && await InstallAsync() ? null : "npm's playwright-core is not installed: ./dev setup";
    }

    /// <summary>Whether the published pages are the ones these tests were built with: journeys over older ones would say nothing.</summary>
    private static bool IsFresh()
    {
        const string Pages = "Trunkline.Dashboard.dll";
        var published = Path.Combine(Path.GetDirectoryName(Executable)!, Pages);
        return File.Exists(Executable) && File.Exists(published)
            && File.ReadAllBytes(published).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, Pages)));
    }

    /// <summary>Runs a script over its settings, and takes what became of each journey: null if it went well, or why not.</summary>
    public static async Task RunAsync(string script, string settings, Dictionary<string, string?> came, CancellationToken cancellationToken)
    {
        using var browser = Process.Start(new ProcessStartInfo("node", [script, settings]) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Bound);
        try
        {
            var errors = browser.StandardError.ReadToEndAsync(deadline.Token);
            while (await browser.StandardOutput.ReadLineAsync(deadline.Token) is { } line)
            {
                using var one = JsonDocument.Parse(line);
                came.Add(one.RootElement.GetProperty("name").GetString()!, one.RootElement.GetProperty("why").GetString());
            }

            await browser.WaitForExitAsync(deadline.Token);
            Assert.True(browser.ExitCode == 0, await errors);
        }
        finally
        {
            if (!browser.HasExited)
            {
                browser.Kill(entireProcessTree: true);
            }
        }
    }

    private static async Task<bool> InstallAsync()
    {
        using var npm = Process.Start(new ProcessStartInfo("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--silent"]) { WorkingDirectory = Folder })!;
        await npm.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Patience, TimeProvider.System);
        return npm.ExitCode == 0;
    }

    private static string FindRoot(string folder)
    {
        for (var at = new DirectoryInfo(folder); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Trunkline.slnx")))
            {
                return at.FullName;
            }
        }

        throw new InvalidOperationException($"No Trunkline.slnx above {folder}.");
    }
}
