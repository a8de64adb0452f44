using System.Diagnostics;
using Trunkline.Server.Tests.Api;

namespace Trunkline.Server.Tests.Schemas;

/// <summary>The clients services really use, from npm: they register, write and read through the registry of a node.</summary>
public sealed class RegistryClientsTests : ApiTest
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    [Fact]
    [Trait("speed", "slow")]
    public async Task Clients_of_node_register_write_and_read()
    {
        var folder = await InstalledAsync();
        var (exit, output) = await RunAsync("node", folder, "clients.js", new Uri(Http.BaseAddress!, "registry").ToString());
        Assert.True(exit == 0 && output.TrimEnd().EndsWith("ok", StringComparison.Ordinal), output);
    }

    /// <summary>The folder with the clients. They are fetched where tests may fetch (CI=true, or once by ./dev setup), else the test is skipped.</summary>
    private static async Task<string> InstalledAsync()
    {
        var root = Vectors.Repository;
        var source = Path.Combine(root, "tests", "Trunkline.Server.Tests", "Schemas", "Clients");
        var folder = Path.Combine(root, "artifacts", "npm", "registry-clients");
        Directory.CreateDirectory(folder);
        File.Copy(Path.Combine(source, "clients.js"), Path.Combine(folder, "clients.js"), overwrite: true);
        File.Copy(Path.Combine(source, "package.json"), Path.Combine(folder, "package.json"), overwrite: true);
        if (!Directory.Exists(Path.Combine(folder, "node_modules", "@confluentinc", "schemaregistry")))
        {
            Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") == "true", "The registry's clients of npm are not installed: ./dev setup");
            var (exit, output) = await RunAsync("npm", folder, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--silent");
            Assert.SkipUnless(exit == 0, $"npm could not fetch the registry's clients: {output}");
        }

        return folder;
    }

    private static async Task<(int Exit, string Output)> RunAsync(string program, string folder, params string[] arguments)
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
