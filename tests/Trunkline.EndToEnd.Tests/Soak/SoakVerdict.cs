using System.Globalization;
using System.Text;

namespace Trunkline.EndToEnd.Tests.Soak;

/// <summary>What a soak showed.</summary>
internal sealed record SoakVerdict
{
    /// <summary>True if nothing is wrong.</summary>
    public bool Sound => Findings.Count == 0;

    /// <summary>What is wrong; the journals' findings come from <c>trunkline verify-journal</c>.</summary>
    public required IReadOnlyList<string> Findings { get; init; }

    public required double Minutes { get; init; }

    public required int Seed { get; init; }

    /// <summary>Messages acknowledged to the producers.</summary>
    public required long Acknowledged { get; init; }

    /// <summary>Messages read from both topics.</summary>
    public required long Read { get; init; }

    /// <summary>Webhooks that took effect.</summary>
    public required long Effects { get; init; }

    /// <summary>Messages given to the group's members.</summary>
    public required long Deliveries { get; init; }

    /// <summary>Refusals and broken connections the producers met.</summary>
    public required long Refusals { get; init; }

    /// <summary>Faults made, by name.</summary>
    public required IReadOnlyDictionary<string, int> Faults { get; init; }

    /// <summary>Resident memory of the node in MB, while it was not killed.</summary>
    public required Trend Memory { get; init; }

    /// <summary>Its open files.</summary>
    public required Trend Handles { get; init; }

    /// <summary>Its data.</summary>
    public required DiskUse Disk { get; init; }

    public string Text()
    {
        var text = new StringBuilder();
        foreach (var finding in Findings)
        {
            text.Append(finding).Append('\n');
        }

        text.Append(CultureInfo.InvariantCulture, $"faults: {string.Join(", ", Faults.Select(f => $"{f.Key} {f.Value}"))}\n");
        text.Append(CultureInfo.InvariantCulture, $"{Acknowledged:N0} acknowledged, {Read:N0} read from two topics, {Effects:N0} webhooks, {Deliveries:N0} deliveries, {Refusals:N0} refusals\n");
        text.Append($"{Memory.Text("memory", "MB")}; {Handles.Text("handles", "open")}; {Disk.Text()}\n");
        text.Append(CultureInfo.InvariantCulture, $"{Minutes:0.##} minutes, seed {Seed}: {(Sound ? "sound" : $"{Findings.Count} findings")}\n");
        return text.ToString();
    }
}

/// <summary>What a node's data took on disk.</summary>
/// <param name="Most">The most it was, in MB.</param>
/// <param name="Bound">What it may be, in MB.</param>
internal sealed record DiskUse(double Most, double Bound)
{
    public string Text() => string.Create(CultureInfo.InvariantCulture, $"disk at most {Most:0} MB of {Bound:0} its bounds allow");
}
