namespace Trunkline.Bench.Results;

/// <summary>What a bench found.</summary>
/// <param name="Name">The bench.</param>
/// <param name="Machine">On what.</param>
/// <param name="Date">When.</param>
/// <param name="Rows">The measurements.</param>
/// <param name="Goals">Ratios of this run against what is asked for.</param>
/// <param name="Notes">What was left out, and what must be known to read the figures.</param>
internal sealed record Report(
    string Name, string Machine, DateTimeOffset Date, IReadOnlyList<Row> Rows, IReadOnlyList<Goal> Goals, IReadOnlyList<string> Notes);

/// <summary>A measurement.</summary>
/// <param name="Case">What was done.</param>
/// <param name="Who">By whom.</param>
/// <param name="Durability">What an acknowledgement meant.</param>
/// <param name="PerSecond">Messages a second, the median of the rounds.</param>
/// <param name="Lowest">The slowest round.</param>
/// <param name="Highest">The fastest round.</param>
/// <param name="P50">Median time to acknowledgement in µs; null where it was not taken.</param>
/// <param name="P99">The 99th percentile in µs.</param>
/// <param name="Cpu">Processor time of the bench's process in µs a message.</param>
internal sealed record Row(string Case, string Who, string Durability, double PerSecond, double Lowest, double Highest, double? P50, double? P99, double? Cpu);

/// <summary>A ratio and its goal.</summary>
/// <param name="What">What is compared.</param>
/// <param name="Reached">The ratio of this run.</param>
/// <param name="Asked">The goal.</param>
/// <param name="AtLeast">True if more is better.</param>
internal sealed record Goal(string What, double Reached, double Asked, bool AtLeast = true)
{
    public bool Met => AtLeast ? Reached >= Asked : Reached <= Asked;
}
