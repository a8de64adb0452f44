using Trunkline.Crash.Tests.Shim;

namespace Trunkline.Crash.Tests.Harness;

/// <summary>
/// Kill-and-drop cycles: the child works, is killed, loses what it had not synced, and is started again; each start is
/// judged against the model. Every <see cref="CyclesPerStore"/> cycles the store is drained, judged as a whole and replaced.
/// </summary>
internal sealed class CrashCycles(string folder, int seed, PowerLoss? powerLoss, Action<string> tell)
{
    private const int CyclesPerStore = 20;

    /// <summary>True: the store does not sync, so the power losses must be noticed. Proves the harness.</summary>
    public bool Unsynced { get; init; }

    /// <summary>Runs the cycles; returns what is wrong, empty if nothing is.</summary>
    public async Task<IReadOnlyList<string>> RunAsync(int cycles)
    {
        var random = new Random(seed);
        for (var first = 0; first < cycles; first += CyclesPerStore)
        {
            var findings = await RunStoreAsync(random, first, Math.Min(CyclesPerStore, cycles - first));
            if (findings.Count > 0)
            {
                return findings;
            }
        }

        return [];
    }

    private async Task<IReadOnlyList<string>> RunStoreAsync(Random random, int first, int cycles)
    {
        var store = Path.Combine(folder, $"store-{first}");
        var shadow = Path.Combine(folder, "shadow");
        Directory.CreateDirectory(store);
        var model = new StoreModel();
        var cut = 0;
        for (var cycle = 0; cycle < cycles; cycle++)
        {
            var settings = new ChildSettings(store, shadow, random.Next(), model.NextUnit, powerLoss) { Unsynced = Unsynced };
            var life = await ChildRun.LiveAsync(settings, killAfter: random.Next(1, 400));
            if (Judge(model, life, $"cycle {first + cycle}") is { Count: > 0 } findings)
            {
                return findings;
            }

            cut += powerLoss is null ? 0 : PowerLoss.Apply(store, shadow);
        }

        var drained = await ChildRun.LiveAsync(new ChildSettings(store, shadow, seed, model.NextUnit, null), killAfter: null);
        if (Judge(model, drained, $"drain after cycle {first + cycles}") is { Count: > 0 } atDrain)
        {
            return atDrain;
        }

        var last = await ChildRun.LiveAsync(new ChildSettings(store, shadow, seed, model.NextUnit, null), killAfter: null);
        var end = Judge(model, last, $"end after cycle {first + cycles}");
        tell($"cycles {first + 1}-{first + cycles}: {model.Acknowledged} units acknowledged, {Count(last, "in")} messages in, {cut} files cut by power loss");
        Directory.Delete(store, recursive: true);
        return end.Count > 0 ? end : Copied(last);
    }

    private static IReadOnlyList<string> Judge(StoreModel model, ChildLife life, string where)
    {
        if (life.Fault is { } fault)
        {
            return [$"{where}: {fault}"];
        }

        if (life.Found is null)
        {
            return [$"{where}: the store did not open, and the child did not say why"];
        }

        var findings = model.Judge(life.Found);
        foreach (var line in life.Worked)
        {
            model.Note(line);
        }

        return [.. findings.Select(f => $"{where}: {f}")];
    }

    /// <summary>After the drain every message of <c>in</c> has exactly one copy in <c>out</c>.</summary>
    private static List<string> Copied(ChildLife life)
    {
        var (read, copied) = (Ids(life, "in"), Ids(life, "out"));
        return
        [
            .. read.Where(id => !copied.Contains($"copy-{id}")).Select(id => $"not copied: {id}"),
            .. copied.Where(id => !read.Contains(id["copy-".Length..])).Select(id => $"copied from nothing: {id}"),
        ];
    }

    private static HashSet<string> Ids(ChildLife life, string topic) =>
        life.Found!.SelectMany(l => l.Messages ?? []).Where(m => m.Topic == topic).Select(m => m.Id).ToHashSet();

    private static int Count(ChildLife life, string topic) => life.Found is null ? 0 : Ids(life, topic).Count;
}
