using Microsoft.Extensions.Logging.Abstractions;
using Trunkline.Bench.Logs;
using Trunkline.Bench.Results;
using Trunkline.Brokers.Embedded;
using Trunkline.Core.Config;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Topics;
using Trunkline.Server.Configuration;
using Trunkline.Server.DeadLetters;
using Trunkline.Server.Flows;
using Trunkline.Server.Releases;
using Trunkline.Server.Steps;

namespace Trunkline.Bench.Flows;

/// <summary><c>bench redrive</c>: the same messages through the same flow, once from their topic, once redriven from dead letters.</summary>
internal static class RedriveBench
{
    private const int Messages = 100_000;
    private const string Durability = "sync, atomic units";

    public static async Task<Report> RunAsync(BenchOptions options)
    {
        var machine = Machine.Describe();
        var outcomes = new List<(Outcome Flow, Outcome Redrive)>();
        await BenchFolder.UseAsync(options, folder => MeasureAsync(folder, options.Count(Messages / 10)));
        for (var round = 0; round < options.Rounds; round++)
        {
            outcomes.Add(await BenchFolder.UseAsync(options, folder => MeasureAsync(folder, options.Count(Messages))));
        }

        var rows = new[] { RowOf("flow", outcomes.Select(o => o.Flow)), RowOf("redrive", outcomes.Select(o => o.Redrive)) };
        var ratios = outcomes.Select(o => o.Redrive.PerSecond / o.Flow.PerSecond).Order().ToArray();
        return new Report("redrive", machine, TimeProvider.System.GetUtcNow(), rows, [new Goal("redrive / flow, median of the rounds", ratios[ratios.Length / 2], 0.5)],
        [
            "100,000 messages of about 300 B, 1,000 keys, 4 partitions, one of ten filtered, handler in C#: first from their topic, all stored before; then the same number from dead letters, by one redrive without a filter.",
            "A redriven message is read from the dead letters, runs in order behind others of its key, and its mark is written in the unit of its output.",
        ]);
    }

    private static async Task<(Outcome Flow, Outcome Redrive)> MeasureAsync(string folder, int count)
    {
        await using var broker = await EmbeddedBroker.OpenAsync(new EmbeddedBrokerOptions { Directory = folder }, CancellationToken.None);
        var isBroken = false;
        using var http = new HttpClient();
        await using var flows = FlowHarness.Flows(broker, http, _ => new Handlers(() => Volatile.Read(ref isBroken)));
        await broker.CreateTopicAsync(new TopicSettings { Name = "in", Partitions = 4, DedupeWindow = TimeSpan.Zero }, CancellationToken.None);
        await PublishAsync(broker, 0, count);
        var flow = await FlowHarness.TimeAsync(count, async () =>
        {
            await flows.ApplyAsync(Project(), 1, CancellationToken.None);
            await FlowHarness.UntilAsync(async () => await CountsAsync(flows) is var counts && counts.Delivered + counts.Filtered == count);
        });
        Volatile.Write(ref isBroken, true);
        await PublishAsync(broker, count, count);
        await FlowHarness.UntilAsync(async () => (await CountsAsync(flows)).DeadLettered == count);
        Volatile.Write(ref isBroken, false);

        var changes = await ChangeLog.OpenAsync(broker, TimeProvider.System, CancellationToken.None);
        var desk = new DeadLetterDesk(broker, flows, changes, TimeProvider.System);
        await using var jobs = await RedriveJobs.OpenAsync(
            new RedriveEnvironment(broker, desk, flows, changes, TimeProvider.System) { Log = NullLogger.Instance }, CancellationToken.None);
        var redrive = await FlowHarness.TimeAsync(count, async () =>
        {
            var job = await jobs.BeginAsync("bench", new DeadLetterFilter(), null, "bench", CancellationToken.None) ?? throw new InvalidOperationException("a redrive runs");
            await FlowHarness.UntilAsync(() => Task.FromResult(jobs.Find(job.Id)!.State != RedriveJobState.Running));
            if (jobs.Find(job.Id) is not { State: RedriveJobState.Done, FailedAgain: 0 } done || done.Redriven != count)
            {
                throw new InvalidOperationException($"the redrive did not do its work: {jobs.Find(job.Id)}");
            }
        });
        var held = (await broker.DescribeTopicAsync("out", CancellationToken.None)).Partitions.Sum(p => p.HighOffset - p.LowOffset);
        return held == 2 * FlowLoad.Passing(count)
            ? (flow, redrive)
            : throw new InvalidOperationException($"out holds {held}, expected {2 * FlowLoad.Passing(count)}");
    }

    private static async ValueTask<FlowCounts> CountsAsync(FlowSupervisor flows) => (await flows.SnapshotAsync("bench", CancellationToken.None))!.Counts;

    private static async Task PublishAsync(EmbeddedBroker broker, int from, int count)
    {
        foreach (var chunk in Enumerable.Range(from, count).Chunk(500))
        {
            await broker.AppendAsync(new TopicAppend { Topic = "in", Messages = [.. chunk.Select(FlowLoad.Message)] }, CancellationToken.None);
        }
    }

    private static TopicConfig TopicOf(string name) => new() { Settings = new TopicSettings { Name = name, Partitions = 4, DedupeWindow = TimeSpan.Zero } };

    private static ProjectConfig Project() => new()
    {
        Topics = new Dictionary<string, TopicConfig> { ["in"] = TopicOf("in"), ["out"] = TopicOf("out") },
        Flows = new Dictionary<string, FlowConfig>
        {
            ["bench"] = new()
            {
                Name = "bench",
                From = new TopicSourceConfig("in", "flow.bench", SubscribeStart.Earliest, default),
                Branches = [new BranchConfig(null, [new TopicSinkConfig("out", "out", null, default(SourceLocation))], default)],
            },
        },
    };

    private static Row RowOf(string what, IEnumerable<Outcome> outcomes)
    {
        var sorted = outcomes.OrderBy(o => o.PerSecond).ToArray();
        var middle = sorted[sorted.Length / 2];
        return new Row(what, "trunkline, C#", Durability, middle.PerSecond, sorted[0].PerSecond, sorted[^1].PerSecond, null, null, middle.Cpu);
    }

    private sealed class Handlers(Func<bool> isBroken) : IPipelineFactory
    {
        public IReadOnlyList<SinkConfig> Sinks { get; } = [new TopicSinkConfig("out", "out", null, default(SourceLocation))];

        public IPipeline Create() => new Handler(isBroken);
    }

    private sealed class Handler(Func<bool> isBroken) : IPipeline
    {
        private static readonly PipelineResult Filtered = new PipelineResult.Filtered("filter-1");
        private static readonly PipelineResult Failed = new PipelineResult.Failed(new StepFault("step.custom-failed", "handler", "broken for the bench", FaultClass.Terminal));

        public ValueTask<PipelineResult> RunAsync(PipelineInput input, CancellationToken cancellationToken)
        {
            var message = input.Stored.Message;
            if (isBroken())
            {
                return new(Failed);
            }

            if (FlowLoad.Handle(message.Payload) is not { } body)
            {
                return new(Filtered);
            }

            var id = new MessageId(StableId.Of(message.Source, message.Id.Value, "bench", "out"));
            return new(new PipelineResult.Delivered(0, [new SinkOutput(0, new Message { Id = id, Key = message.Key, ContentType = "application/json", Payload = body })]));
        }

        public void Dispose()
        {
            // Holds nothing.
        }
    }
}
