using System.Diagnostics;
using System.Text.Json;
using Trunkline.Client;
using Trunkline.Testing.Processes;

namespace Trunkline.EndToEnd.Tests.Soak;

/// <summary>
/// A node under load and faults: producers and a group write journals, then everything is healed and drained, and <c>trunkline
/// verify-journal</c> and <c>trunkline doctor</c> judge what there is.
/// </summary>
internal sealed class SoakRun(SoakOptions options, Action<string> tell)
{
    private const int Producers = 3;
    private const int Consumers = 2;
    private static readonly TimeSpan DrainMax = TimeSpan.FromMinutes(5);
    private readonly List<string> _findings = [];

    /// <summary>Runs it in a folder, which keeps the journals and the node's log afterwards.</summary>
    public async Task<SoakVerdict> RunAsync(string folder, CancellationToken cancellationToken)
    {
        await using var volume = await SoakVolume.MakeAsync(Path.Combine(folder, "data"));
        await using var outside = await Outside.StartAsync(Path.Combine(folder, "effects.ndjson"), cancellationToken);
        var project = Path.Combine(folder, "trunkline.yaml");
        await File.WriteAllTextAsync(project, SoakProject.Text(outside.Address), cancellationToken);
        await using var node = new SoakNode(project, volume.Path, Path.Combine(folder, "node.log"));
        await node.StartAsync(options.From ?? CommandRun.Executable, cancellationToken);

        var producers = Enumerable.Range(0, Producers).Select(p => new Producer(p, node, folder)).ToList();
        var consumers = Enumerable.Range(0, Consumers).Select(c => new Consumer(c, options.Seed, node, folder)).ToList();
        var (tail, faults, samples) = (new TailReader(node, folder), new Faults(node, outside, volume, options.Seed), new Samples(node, volume));
        using var drained = new CancellationTokenSource();
        var length = TimeSpan.FromMinutes(options.Minutes);
        var reading = Task.WhenAll(consumers.Select(c => c.RunAsync(drained.Token)).Append(tail.RunAsync(drained.Token)));
        await ProduceAsync(producers, node, faults, samples, length, cancellationToken);
        tell("healed; draining");
        await DrainAsync(node, outside, producers.SelectMany(p => p.Acknowledged).ToList());
        await drained.CancelAsync();
        await reading;
        _findings.AddRange(tail.Missed.Select(missed => $"not proved: {missed} were removed before they were read"));
        await EndAsync(node, volume, folder);
        var (memory, handles) = samples.Judge(Faults.SteadyFrom(length));
        var disk = new DiskUse(samples.DiskMost, SoakProject.DiskMax(producers.Sum(p => p.Acknowledged.Count) / options.Minutes));
        _findings.AddRange(new[] { (memory, "memory"), (handles, "handles") }.Where(t => t.Item1.Flat == false).Select(t => $"grows: {t.Item1.Text(t.Item2, "")}"));
        if (disk.Most > disk.Bound)
        {
            _findings.Add($"grows: {disk.Text()}: more than what is kept, its garbage and the log may take");
        }

        return new SoakVerdict
        {
            Findings = _findings,
            Minutes = options.Minutes,
            Seed = options.Seed,
            Acknowledged = producers.Sum(p => p.Acknowledged.Count),
            Read = tail.Read,
            Effects = outside.Done.Count,
            Deliveries = consumers.Sum(c => c.Deliveries),
            Refusals = producers.Sum(p => p.Refusals),
            Faults = options.From is null ? faults.Made : new Dictionary<string, int> { ["version replaced"] = 1 },
            Memory = memory,
            Handles = handles,
            Disk = disk,
        };
    }

    private async Task ProduceAsync(List<Producer> producers, SoakNode node, Faults faults, Samples samples, TimeSpan length, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var giveUp = new CancellationTokenSource(length + DrainMax, TimeProvider.System);
        var producing = producers.Select(p => p.RunAsync(stop.Token, giveUp.Token)).ToList();
        var sampling = samples.TakeAsync(stop.Token);
        stop.CancelAfter(length);
        await (options.From is null ? faults.RunAsync(length, stop.Token) : ReplaceAsync(node, length, stop.Token));
        await Task.WhenAll([.. producing, sampling]);
    }

    /// <summary>In the middle of the run the earlier version is stopped as an operator would, and this one goes on with its data.</summary>
    private async Task ReplaceAsync(SoakNode node, TimeSpan length, CancellationToken stop)
    {
        await Task.Delay(length / 2, TimeProvider.System, stop);
        if (await node.EndAsync("TERM") is not 0 and var code)
        {
            _findings.Add($"the earlier version ended with {code} when asked to stop");
        }

        await node.StartAsync(CommandRun.Executable, CancellationToken.None);
        tell("this version took over");
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    /// <summary>Until the flow and the group have done all there is, and every acknowledged message took effect outside.</summary>
    private async Task DrainAsync(SoakNode node, Outside outside, List<string> acknowledged)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var missing = acknowledged.Except(outside.Done).ToList();
            var lag = missing.Count == 0 ? await LagAsync(node) : missing.Count;
            if (lag == 0)
            {
                return;
            }

            if (TimeProvider.System.GetElapsedTime(began) > DrainMax)
            {
                _findings.Add($"not drained: {lag} messages are left after {DrainMax.TotalMinutes} minutes; webhooks missing: {string.Join(", ", missing.Take(5))}");
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(250), TimeProvider.System, CancellationToken.None);
        }
    }

    private static async Task<long> LagAsync(SoakNode node)
    {
        try
        {
            var flow = await node.Client.GetFlowAsync("work", CancellationToken.None);
            var group = (await node.Client.GetTopicAsync("in", CancellationToken.None)).Groups.Single(g => g.Group == Consumer.Group);
            return (flow.Lag ?? 1) + flow.Sinks.Sum(s => s.Pending) + group.Lag;
        }
        catch (Exception refused) when (refused is TrunklineException or NodeUnreachableException)
        {
            return 1; // it is still starting
        }
    }

    private async Task EndAsync(SoakNode node, SoakVolume volume, string folder)
    {
        if (await node.EndAsync("TERM") is not 0 and var code)
        {
            _findings.Add($"the node ended with {code} when asked to stop");
        }

        await JudgeAsync("doctor", ["doctor", "--data", volume.Path, "--json"]);
        await JudgeAsync("journal", ["verify-journal", .. Directory.GetFiles(folder, "*.ndjson"), "--json"]);
    }

    private async Task JudgeAsync(string who, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(CommandRun.Executable, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        var output = await process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        await process.WaitForExitAsync(CancellationToken.None);
        if (process.ExitCode == 0)
        {
            return;
        }

        using var document = JsonDocument.Parse(output.Length > 0 ? output : JsonSerializer.Serialize(new { error = await errors }));
        var found = document.RootElement.TryGetProperty("findings", out var findings) ? [.. findings.EnumerateArray().Select(f => f.GetRawText())] : new[] { document.RootElement.GetRawText() };
        _findings.AddRange(found.Take(50).Select(f => $"{who}: {f}"));
    }
}
