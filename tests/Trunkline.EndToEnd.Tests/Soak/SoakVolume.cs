using System.Diagnostics;

namespace Trunkline.EndToEnd.Tests.Soak;

/// <summary>Where the node's data is: a small volume in memory where that can be mounted, so that it can be filled; else an ordinary folder.</summary>
internal sealed class SoakVolume : IAsyncDisposable
{
    private const long VolumeBytes = 1_000_000_000;
    private readonly string _filler;

    private SoakVolume(string path, bool canFill) => (Path, CanFill, _filler) = (path, canFill, System.IO.Path.Combine(path, "filler"));

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>Whether it can be filled.</summary>
    public bool CanFill { get; }

    /// <summary>Bytes in it, what fills it left out.</summary>
    public long Bytes
    {
        get
        {
            long bytes = 0;
            foreach (var file in new DirectoryInfo(Path).EnumerateFiles("*", SearchOption.AllDirectories).Where(f => f.FullName != _filler))
            {
                try
                {
                    bytes += file.Length;
                }
                catch (FileNotFoundException)
                {
                    // Removed by the node between the list and the look.
                }
            }

            return bytes;
        }
    }

    public static async Task<SoakVolume> MakeAsync(string path)
    {
        Directory.CreateDirectory(path);
        return new SoakVolume(path, Environment.UserName == "root" && await RunAsync("mount", "-t", "tmpfs", "-o", $"size={VolumeBytes}", "tmpfs", path) == 0);
    }

    /// <summary>Leaves not a byte.</summary>
    public void Fill()
    {
        using var file = File.OpenHandle(_filler, FileMode.Create, FileAccess.Write);
        var block = new byte[1 << 20];
        for (var length = block.Length; length > 0;)
        {
            try
            {
                RandomAccess.Write(file, block.AsSpan(0, length), RandomAccess.GetLength(file));
            }
            catch (IOException)
            {
                // Full to a block of this size: smaller ones may still fit.
                length /= 4;
            }
        }
    }

    public void Free() => File.Delete(_filler);

    public async ValueTask DisposeAsync()
    {
        if (CanFill)
        {
            await RunAsync("umount", Path);
        }
    }

    private static async Task<int> RunAsync(string command, params IEnumerable<string> args)
    {
        using var process = Process.Start(new ProcessStartInfo(command, args) { RedirectStandardError = true })!;
        await process.WaitForExitAsync(CancellationToken.None);
        return process.ExitCode;
    }
}
