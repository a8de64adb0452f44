using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Trunkline.Server.Tests.Flows;

namespace Trunkline.Server.Tests.Sight;

/// <summary>A server of Prometheus as Debian packages it, on a port and in a folder of its own.</summary>
internal sealed class DebianServer : IAsyncDisposable
{
    private readonly Process _process;
    private readonly DirectoryInfo _folder;

    private DebianServer(Process process, DirectoryInfo folder, Uri address) => (_process, _folder, Http) = (process, folder, new HttpClient { BaseAddress = address });

    /// <summary>Speaks to it.</summary>
    public HttpClient Http { get; }

    /// <summary>Starts it and waits until it is ready; the test is skipped where it is not installed.</summary>
    /// <param name="name">The program in <c>/usr/bin</c>.</param>
    /// <param name="config">Its configuration.</param>
    /// <param name="arguments">Makes arguments of the folder.</param>
    public static async Task<DebianServer> StartAsync(string name, string config, Func<string, IEnumerable<string>> arguments)
    {
        var program = "/usr/bin/" + name;
        Assert.SkipUnless(File.Exists(program), $"{name} is not installed (./dev setup)");
        var folder = Directory.CreateTempSubdirectory($"trunkline-{name}-");
        var file = Path.Combine(folder.FullName, "config.yml");
        await File.WriteAllTextAsync(file, config, TestContext.Current.CancellationToken);
        var address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{FreePort()}"));
        var process = Process.Start(new ProcessStartInfo(program, [$"--config.file={file}", $"--web.listen-address={address.Authority}", .. arguments(folder.FullName)])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        _ = process.StandardError.ReadToEndAsync(CancellationToken.None);
        _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var server = new DebianServer(process, folder, address);
        await Eventually.HoldsAsync(async () => await server.IsReadyAsync(), $"{name} is ready");
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            return (await Http.GetAsync("/-/ready", TestContext.Current.CancellationToken)).IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
