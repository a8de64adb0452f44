using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Trunkline.Cli.Demo;

/// <summary>Fetches the archive of a package with the user's own npm, so that registry, proxy and credentials are the user's.</summary>
internal static class NpmPack
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(10);

    /// <summary>The archive's path, or the reason there is none.</summary>
    /// <param name="package">Name and version, such as <c>@scope/name@1.2.3</c>.</param>
    /// <param name="folder">Where the archive goes; must be there and empty.</param>
    /// <param name="cancellationToken">Ends npm too.</param>
    public static async Task<(string? Archive, string? Problem)> RunAsync(string package, string folder, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("npm")
        {
            ArgumentList = { "pack", package, "--pack-destination", folder, "--ignore-scripts", "--silent" },
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(s_patience);
        try
        {
            using var npm = Process.Start(start)!;
            return await FinishAsync(npm, folder, deadline.Token);
        }
        catch (Win32Exception)
        {
            return (null, "npm is not installed");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, string.Create(CultureInfo.InvariantCulture, $"npm did not finish within {s_patience.TotalMinutes} minutes"));
        }
    }

    private static async Task<(string? Archive, string? Problem)> FinishAsync(Process npm, string folder, CancellationToken cancellationToken)
    {
        try
        {
            var output = npm.StandardOutput.ReadToEndAsync(cancellationToken);
            var errors = npm.StandardError.ReadToEndAsync(cancellationToken);
            await Task.WhenAll(output, errors, npm.WaitForExitAsync(cancellationToken));
        }
        catch (OperationCanceledException)
        {
            npm.Kill(entireProcessTree: true);
            throw;
        }

        var archive = Directory.EnumerateFiles(folder, "*.tgz").FirstOrDefault();
        return npm.ExitCode == 0 && archive is not null
            ? (archive, null)
            : (null, string.Create(CultureInfo.InvariantCulture, $"npm could not fetch it (exit code {npm.ExitCode}); is the registry reachable?"));
    }
}
