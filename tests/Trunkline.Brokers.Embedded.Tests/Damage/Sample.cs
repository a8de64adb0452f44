using System.Globalization;

namespace Trunkline.Brokers.Embedded.Tests.Damage;

/// <summary>
/// How much of a sweep over bytes is run: a seeded sample, or with <c>TRUNKLINE_EVERY_BYTE=1</c> all of it, which takes hours (for
/// the night). <c>TRUNKLINE_SEED</c> chooses another sample.
/// </summary>
internal static class Sample
{
    public static int Seed { get; } = int.TryParse(Environment.GetEnvironmentVariable("TRUNKLINE_SEED"), CultureInfo.InvariantCulture, out var seed) ? seed : 7;

    private static bool Every => Environment.GetEnvironmentVariable("TRUNKLINE_EVERY_BYTE") == "1";

    /// <summary>So many of the numbers from <paramref name="from"/> to below <paramref name="until"/>, or all; told in the test's output.</summary>
    public static IEnumerable<long> Of(long from, long until, int count)
    {
        var random = new Random(Seed);
        var all = Every || until - from <= count;
        TestContext.Current.TestOutputHelper?.WriteLine(all ? $"all of {until - from}" : $"{count} of {until - from}, seed {Seed}");
        return all
            ? Enumerable.Range(0, (int)(until - from)).Select(i => from + i)
            : Enumerable.Range(0, count).Select(_ => random.NextInt64(from, until)).ToList();
    }
}
