using System.Diagnostics;

namespace Trunkline.Brokers.Embedded.Tests.Crashes;

/// <summary>A small volume in memory, mounted on a folder until disposed.</summary>
internal sealed class Volume : IAsyncDisposable
{
    private readonly string _folder;

    private Volume(string folder) => _folder = folder;

    /// <summary>Mounts it; null where that is not permitted.</summary>
    public static async Task<Volume?> MountAsync(string folder, string size) =>
        Environment.UserName == "root" && await RunAsync("mount", "-t", "tmpfs", "-o", $"size={size}", "tmpfs", folder) == 0 ? new Volume(folder) : null;

    /// <summary>Mounts it anew with other options, such as <c>size=64m</c> or <c>ro</c>.</summary>
    public async Task RemountAsync(string options) => Assert.Equal(0, await RunAsync("mount", "-o", $"remount,{options}", _folder));

    public async ValueTask DisposeAsync() => await RunAsync("umount", _folder);

    private static async Task<int> RunAsync(string command, params IEnumerable<string> args)
    {
        using var process = Process.Start(new ProcessStartInfo(command, args) { RedirectStandardError = true })!;
        await process.WaitForExitAsync(CancellationToken.None);
        return process.ExitCode;
    }
}
