using System.Globalization;

namespace Trunkline.EndToEnd.Tests.Soak;

/// <summary>What a soak is asked for.</summary>
internal sealed record SoakOptions
{
    /// <summary>How long messages are produced, before the drain.</summary>
    public double Minutes { get; init; } = 1;

    /// <summary>Of the faults and their times.</summary>
    public int Seed { get; init; } = 7;

    /// <summary>The verdict as one JSON document.</summary>
    public bool Json { get; init; }

    /// <summary>The executable of an earlier version: then the only fault is that it is replaced by this one in the middle. Null for this one with all faults.</summary>
    public string? From { get; init; }

    /// <summary>Reads arguments; null if one is not known.</summary>
    public static SoakOptions? Parse(IReadOnlyList<string> args)
    {
        var options = new SoakOptions();
        for (var i = 0; i < args.Count; i++)
        {
            var value = i + 1 < args.Count ? args[i + 1] : "";
            var read = (args[i], double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)) switch
            {
                ("--json", _) => options with { Json = true },
                ("--minutes", true) when number > 0 => options with { Minutes = number },
                ("--seed", true) => options with { Seed = (int)number },
                ("--from", _) when File.Exists(value) => options with { From = Path.GetFullPath(value) },
                _ => null,
            };
            if (read is null)
            {
                return null;
            }

            options = read;
            i += args[i] == "--json" ? 0 : 1;
        }

        return options;
    }
}
