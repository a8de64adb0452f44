using System.Globalization;

namespace Trunkline.Bench;

/// <summary>What the command line asks for.</summary>
internal sealed record BenchOptions
{
    public required string Name { get; init; }

    /// <summary>How long each measurement runs.</summary>
    public double Seconds { get; init; } = 1.5;

    /// <summary>How often each is repeated, in turn with what it is compared to; the median counts.</summary>
    public int Rounds { get; init; } = 3;

    /// <summary>Minutes of soak; 0: none.</summary>
    public double SoakMinutes { get; init; }

    /// <summary>Only this part of the bench; null: all of it.</summary>
    public string? Part { get; init; }

    /// <summary>Where stores are put; a new folder in it, removed afterwards.</summary>
    public string Data { get; init; } = Path.GetTempPath();

    /// <summary>Where results go.</summary>
    public string Results { get; init; } = Path.Combine("bench", "results");

    /// <summary>A hundredth of the work, once: proves that the bench runs; its figures say nothing.</summary>
    public bool IsSmoke { get; init; }

    /// <summary>Print JSON instead of a table.</summary>
    public bool Json { get; init; }

    /// <summary>True if the part is asked for.</summary>
    public bool Wants(string part) => Part is null || Part == part;

    /// <summary>How many of what a bench does so many times; at least 100.</summary>
    public int Count(int full) => IsSmoke ? Math.Min(full, Math.Max(100, full / 100)) : full;

    /// <summary>For what says nothing in less than so many seconds.</summary>
    /// <param name="full">When it counts.</param>
    /// <param name="smoke">The least in which it ends at all.</param>
    public double SecondsAtLeast(double full, double smoke = 0) => Math.Max(Seconds, IsSmoke ? smoke : full);

    public static BenchOptions? Parse(string[] args)
    {
        if (args.Length == 0)
        {
            return null;
        }

        var options = new BenchOptions { Name = args[0] };
        for (var i = 1; i < args.Length; i++)
        {
            var value = i + 1 < args.Length ? args[i + 1] : "";
            var known = (args[i], double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)) switch
            {
                ("--json", _) => options with { Json = true },
                ("--smoke", _) => options with { IsSmoke = true, Seconds = 0.1, Rounds = 1 },
                ("--seconds", true) => options with { Seconds = number },
                ("--rounds", true) => options with { Rounds = (int)number },
                ("--soak-minutes", true) => options with { SoakMinutes = number },
                ("--part", _) when value.Length > 0 => options with { Part = value },
                ("--data", _) when value.Length > 0 => options with { Data = value },
                ("--results", _) when value.Length > 0 => options with { Results = value },
                _ => null,
            };
            if (known is null)
            {
                return null;
            }

            options = known;
            i += args[i] is "--json" or "--smoke" ? 0 : 1;
        }

        return options;
    }
}
