using System.Diagnostics;

namespace Trunkline.Server.Tests.Schemas;

/// <summary>Clients of others, from npm, that are let loose on a node.</summary>
internal static class NodeClients
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>The folder with the clients. They are fetched where tests may fetch (CI=true, or once by ./dev setup), else the test is skipped.</summary>
    public static async Task<string> InstalledAsync(string script, string package)
    {
        var root = Vectors.Repository;
        var source = Path.Combine(root, "tests", "Trunkline.Server.Tests", "Schemas", "Clients");
        var folder = Path.Combine(root, "artifacts", "npm", "registry-clients");
        Directory.CreateDirectory(folder);
        File.Copy(Path.Combine(source, script), Path.Combine(folder, script), overwrite: true);
        File.Copy(Path.Combine(source, "package.json"), Path.Combine(folder, "package.json"), overwrite: true);
        if (!Directory.Exists(Path.Combine(folder, "node_modules", package)))
        {
            Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") == "true", "The clients of npm are not installed: ./dev setup");
            var (exit, output) = await RunAsync("npm", folder, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--silent");
            Assert.SkipUnless(exit == 0, $"npm could not fetch the clients: {output}");
        }

        return folder;
    }

    /// <summary>Runs a program; the test is skipped where it is not installed.</summary>
    public static async Task<(int Exit, string Output)> RunAsync(string program, string folder, params string[] arguments)
    {
        Process process;
        try
        {
            process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip($"{program} is not installed: ./dev setup");
            throw;
        }

        using (process)
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
            deadline.CancelAfter(s_patience);
            try
            {
                var (output, errors) = (process.StandardOutput.ReadToEndAsync(deadline.Token), process.StandardError.ReadToEndAsync(deadline.Token));
                await process.WaitForExitAsync(deadline.Token);
                return (process.ExitCode, await errors + await output);
            }
            finally
            {
                if (!process.HasExited)
                {
                    process.Kill(entireProcessTree: true);
                }
            }
        }
    }
}
