using System.Diagnostics;
using System.Text;

namespace Trunkline.Testing.Processes;

/// <summary>What a run of an executable left, by default of <c>trunkline</c>.</summary>
/// <param name="ExitCode">What it ended with.</param>
/// <param name="Output">Its standard output.</param>
/// <param name="Error">Its standard error.</param>
public sealed record CommandRun(int ExitCode, string Output, string Error)
{
    /// <summary>The executable beside the running tests: every project that references the command line has a copy.</summary>
    public static string Executable { get; } = Path.Combine(AppContext.BaseDirectory, "trunkline");

    /// <summary>Runs a command to its end, within the bound of its setting.</summary>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="setting">What it finds there.</param>
    /// <param name="cancellationToken">Ends the wait, and the command with it.</param>
    /// <exception cref="TimeoutException">It did not end.</exception>
    public static async Task<CommandRun> RunAsync(IEnumerable<string> arguments, CommandSetting setting, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(setting);
        using var process = Start(arguments, setting);
        using var bound = new CancellationTokenSource(setting.Bound, TimeProvider.System);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, cancellationToken);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(ended.Token);
            var error = process.StandardError.ReadToEndAsync(ended.Token);
            await process.StandardInput.WriteAsync(setting.Input.AsMemory(), ended.Token).ConfigureAwait(false);
            process.StandardInput.Close();
            await process.WaitForExitAsync(ended.Token).ConfigureAwait(false);
            return new CommandRun(process.ExitCode, await output.ConfigureAwait(false), await error.ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (bound.IsCancellationRequested)
        {
            throw new TimeoutException($"'{Path.GetFileName(setting.Executable)} {string.Join(' ', arguments)}' did not end within {setting.Bound.TotalSeconds:0} s.");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    internal static Process Start(IEnumerable<string> arguments, CommandSetting setting)
    {
        var start = new ProcessStartInfo(setting.Executable)
        {
            WorkingDirectory = setting.Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        // The developer's own settings must not decide what a test sees.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("TRUNKLINE_", StringComparison.Ordinal)).ToArray())
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in setting.Environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start) ?? throw new InvalidOperationException($"{setting.Executable} did not start.");
    }
}
