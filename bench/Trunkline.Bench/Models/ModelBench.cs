using System.Globalization;
using HdrHistogram;
using Trunkline.Bench.Results;

namespace Trunkline.Bench.Models;

/// <summary><c>bench models</c>: what a model call costs beside the call itself, and what a flood of one tenant costs the others.</summary>
internal static class ModelBench
{
    public static async Task<Report> RunAsync(BenchOptions options)
    {
        var machine = Machine.Describe();
        var seconds = options.SecondsAtLeast(5, smoke: 1.5);
        var spent = await BenchFolder.UseAsync(options, BudgetBench.RunAsync);
        var (steps, bares, calm, flooded) = (new List<CallTimes>(), new List<CallTimes>(), new List<LongHistogram>(), new List<LongHistogram>());
        for (var round = 0; round < options.Rounds; round++)
        {
            bares.Add(await OverheadBench.BareAsync(seconds));
            steps.Add(await OverheadBench.StepAsync(seconds));
            calm.Add(await BenchFolder.UseAsync(options, folder => FloodBench.RunAsync(folder, seconds, flood: 0)));
            flooded.Add(await BenchFolder.UseAsync(options, folder => FloodBench.RunAsync(folder, seconds, options.Count(FloodBench.Messages))));
        }

        var (step, bare) = (Middle(steps), Middle(bares));
        var (without, with) = (Middle(calm), Middle(flooded));
        Row[] rows =
        [
            Calls("whole call", "bare HttpClient", bare.Whole, bare.CpuMicros),
            Calls("whole call", "trunkline, infer step", step.Whole, step.CpuMicros),
            Calls("own part of a call", "bare HttpClient", bare.Own, null),
            Calls("own part of a call", "trunkline, infer step", step.Own, null),
            new("quiet tenants, no flood", "trunkline", "sync", 50, 50, 50, At(without, 50), At(without, 99), null),
            new("quiet tenants, one floods", "trunkline", "sync", 50, 50, 50, At(with, 50), At(with, 99), null),
        ];
        var ratio = At(with, 99) / At(without, 99);
        return new Report("models", machine, TimeProvider.System.GetUtcNow(), rows,
        [
            new Goal("own overhead of a model call, p99 in ms", At(step.Own, 99) / 1000, 1, AtLeast: false),
            new Goal("p99 of 49 tenants while one floods / without", ratio, 1.5, AtLeast: false),
            new Goal($"tokens used of a budget of {BudgetBench.Tokens:N0} by {BudgetBench.Callers} callers at once, over five lives that end with calls under way", spent, BudgetBench.Tokens, AtLeast: false),
        ],
        [
            $"Calls: {OverheadBench.PerSecond} a second for {seconds:0} s against an upstream on loopback that answers at once; own part: all but the time between the HTTP handler and the head of the answer.",
            "The step's call passes the effect port, permits, a token budget, prices and metrics, and reads the answer as a stream; the bare one reads it as bytes.",
            "Flood: 32 lanes, a model of 100 ms (ten times 10 ms), 50 quiet messages a second over 49 tenants; the fiftieth tenant has 100,000 messages stored before the flow starts, many more than the flow has in hand.",
            "Budget: what is granted is durable in the embedded broker (sync) before it is used; a call that never settles counts as having used its tokens.",
            string.Create(CultureInfo.InvariantCulture, $"p99 over the rounds: own {Range(steps.Select(s => s.Own))}, quiet {Range(calm)}, quiet under flood {Range(flooded)}; the round with the middle p99 is shown."),
        ]);
    }

    private static Row Calls(string name, string who, LongHistogram times, double? cpu) =>
        new(name, who, "-", OverheadBench.PerSecond, OverheadBench.PerSecond, OverheadBench.PerSecond, At(times, 50), At(times, 99), cpu);

    private static double At(LongHistogram histogram, double percentile) => histogram.GetValueAtPercentile(percentile);

    private static CallTimes Middle(List<CallTimes> rounds) => rounds.OrderBy(r => At(r.Own, 99)).ElementAt(rounds.Count / 2);

    private static LongHistogram Middle(List<LongHistogram> rounds) => rounds.OrderBy(h => At(h, 99)).ElementAt(rounds.Count / 2);

    private static string Range(IEnumerable<LongHistogram> rounds) => string.Create(
        CultureInfo.InvariantCulture, $"{rounds.Min(h => At(h, 99)):N0} to {rounds.Max(h => At(h, 99)):N0} µs");
}
