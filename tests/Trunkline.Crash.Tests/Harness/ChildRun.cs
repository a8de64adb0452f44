using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Trunkline.Crash.Tests.Shim;

namespace Trunkline.Crash.Tests.Harness;

/// <summary>One life of the child: what it found at its start, and what it tried and got acknowledged before its end.</summary>
/// <param name="Found">Lines up to <c>found</c>; null if it did not get that far.</param>
/// <param name="Worked">The <c>try</c> and <c>ok</c> lines after it.</param>
/// <param name="Fault">An error the child did not expect, or null.</param>
internal sealed record ChildLife(IReadOnlyList<JournalLine>? Found, IReadOnlyList<JournalLine> Worked, string? Fault);

/// <summary>Runs the child and ends it.</summary>
internal static class ChildRun
{
    private static readonly TimeSpan LifeMax = TimeSpan.FromSeconds(120);

    /// <summary>
    /// Starts the child and kills it when it has written about <paramref name="killAfter"/> lines of work (a count, not a
    /// time: a slow machine then still kills in the middle of work); with <c>null</c> it drains and ends by itself.
    /// </summary>
    public static async Task<ChildLife> LiveAsync(ChildSettings settings, int? killAfter)
    {
        using var process = Start(settings, drain: killAfter is null);
        using var deadline = new CancellationTokenSource(LifeMax);
        List<JournalLine> found = [];
        List<JournalLine> worked = [];
        var complete = false;
        string? fault = null;
        await foreach (var line in LinesAsync(process, deadline.Token))
        {
            if (line.Kind == "fault")
            {
                fault = line.Value;
            }
            else if (!complete)
            {
                found.Add(line);
                complete = line.Kind == "found";
            }
            else
            {
                worked.Add(line);
            }

            if (complete && killAfter is { } lines && worked.Count == lines)
            {
                process.Kill(); // SIGKILL; what it wrote to the pipe before is still read
            }
        }

        await process.WaitForExitAsync(deadline.Token);
        if (killAfter is null && process.ExitCode != 0 && fault is null)
        {
            fault = $"the draining child left with {process.ExitCode}: {await process.StandardError.ReadToEndAsync(deadline.Token)}";
        }

        return new ChildLife(complete ? found : null, worked, fault);
    }

    private static Process Start(ChildSettings settings, bool drain)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList =
            {
                "store-child", settings.Folder, settings.Seed.ToString(CultureInfo.InvariantCulture),
                settings.FirstUnit.ToString(CultureInfo.InvariantCulture),
            },
        };
        if (drain)
        {
            start.ArgumentList.Add("drain");
        }

        if (settings.Unsynced)
        {
            start.ArgumentList.Add("unsynced");
        }

        settings.PowerLoss?.Attach(start, settings.Folder, settings.Shadow);
        return Process.Start(start)!;
    }

    private static async IAsyncEnumerable<JournalLine> LinesAsync(
        Process process, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken deadline)
    {
        while (await process.StandardOutput.ReadLineAsync(deadline) is { } text)
        {
            JournalLine? line = null;
            try
            {
                line = JsonSerializer.Deserialize(text, JournalJson.Default.JournalLine);
            }
            catch (JsonException)
            {
                // The kill cut the last line in two: that unit's outcome is unknown, as if the line had not been written.
            }

            if (line is not null)
            {
                yield return line;
            }
        }
    }
}

/// <summary>What a life of the child needs.</summary>
/// <param name="Folder">The store.</param>
/// <param name="Shadow">Where the shim keeps what was synced.</param>
/// <param name="Seed">Of the workload.</param>
/// <param name="FirstUnit">The first free unit number.</param>
/// <param name="PowerLoss">The shim, or null to kill without losing unsynced writes.</param>
internal sealed record ChildSettings(string Folder, string Shadow, int Seed, long FirstUnit, PowerLoss? PowerLoss)
{
    /// <summary>True: topics with durability <c>none</c>, whose loss the harness must notice.</summary>
    public bool Unsynced { get; init; }
}
