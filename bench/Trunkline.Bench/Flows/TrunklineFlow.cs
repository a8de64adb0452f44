using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Trunkline.Brokers.Embedded;
using Trunkline.Core.Config;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Topics;
using Trunkline.Server.Configuration;
using Trunkline.Server.Connectors;
using Trunkline.Server.Effects;
using Trunkline.Server.Expressions;
using Trunkline.Server.Flows;
using Trunkline.Server.Flows.Code;
using Trunkline.Server.Inference;
using Trunkline.Server.Outcomes;
using Trunkline.Server.Steps;
using Outcome = Trunkline.Bench.Logs.Outcome;

namespace Trunkline.Bench.Flows;

/// <summary>Topic → map → filter → topic on the embedded broker: sync durability, one atomic commit per unit.</summary>
internal sealed class TrunklineFlow : IAsyncDisposable
{
    private const int Partitions = 4;
    private const int BatchMessages = 500;

    // The buses take a message and let the publisher go on; this one waits for the disk, as long as its own share is under way.
    private const int BatchesInFlight = 4;

    private readonly EmbeddedBroker _broker;
    private readonly FlowRunner _runner;

    private TrunklineFlow(EmbeddedBroker broker, FlowRunner runner)
    {
        _broker = broker;
        _runner = runner;
    }

    public IBroker Broker => _broker;

    /// <param name="folder">Of the store.</param>
    /// <param name="yaml">Whether the steps are expressions of the project file, or C#.</param>
    /// <param name="outcomes">Whether the flow writes down what became of each message, as a node's flows do.</param>
    public static Task<TrunklineFlow> OpenAsync(string folder, bool yaml, bool outcomes = true) => OpenAsync(folder, yaml ? FromYaml() : FromCode(new BenchFlow()), outcomes);

    /// <summary>A flow whose handler waits, with many lanes.</summary>
    public static Task<TrunklineFlow> OpenAsync(string folder, Flow<JsonObject> handler, int lanes) => OpenAsync(folder, FromCode(handler), outcomes: true, lanes);

    private static async Task<TrunklineFlow> OpenAsync(string folder, IPipelineFactory pipelines, bool outcomes, int lanes = 16)
    {
        var broker = await EmbeddedBroker.OpenAsync(new EmbeddedBrokerOptions { Directory = folder }, CancellationToken.None);
        foreach (var topic in new[] { "in", "out", "bench.dead", "trunkline.effects.bench", "trunkline.parked.bench" })
        {
            await broker.CreateTopicAsync(
                new TopicSettings { Name = topic, Partitions = Partitions, DedupeWindow = TimeSpan.Zero }, CancellationToken.None);
        }

        await broker.CreateTopicAsync(OutcomeTopics.SettingsOf("bench"), CancellationToken.None);
        var rules = new FailureRules(new RetryConfig(), FailurePolicy.ParkMessage, "bench.dead", "trunkline.effects.bench", "trunkline.parked.bench");
        return new TrunklineFlow(broker, new FlowRunner(new FlowRunnerOptions
        {
            Flow = "bench",
            Topic = "in",
            Store = "flow.bench",
            OutcomeTopic = outcomes ? OutcomeTopics.Of("bench") : null,
            Broker = broker,
            Open = token => TopicSource.OpenAsync(broker, new SubscribeOptions { Topic = "in", Group = "flow.bench" }, token),
            Revision = new FlowRevision(1, pipelines, rules, [new SinkTarget("out", "out", 32 * 1024 * 1024)]) { Lanes = lanes },
            Log = NullLogger.Instance,
        }));
    }

    /// <summary>All input stored first: how fast the flow itself is.</summary>
    public static async Task<Outcome> PreloadedAsync(string folder, bool yaml, int count, bool outcomes = true)
    {
        await using var flow = await OpenAsync(folder, yaml, outcomes);
        await flow.PublishAsync(0, count);
        return await flow.MeasureAsync(count, () => Task.CompletedTask);
    }

    /// <summary>The same with something that runs beside it.</summary>
    public static async Task<Outcome> PreloadedAsync(string folder, bool yaml, int count, Func<IBroker, IAsyncDisposable> beside)
    {
        await using var flow = await OpenAsync(folder, yaml);
        await flow.PublishAsync(0, count);
        await using var running = beside(flow._broker);
        return await flow.MeasureAsync(count, () => Task.CompletedTask);
    }

    /// <summary>Input published while the flow runs, as fast as it is taken.</summary>
    public static async Task<Outcome> LiveAsync(string folder, bool yaml, int count)
    {
        await using var flow = await OpenAsync(folder, yaml);

        // As for the buses: the bytes lie ready before the clock starts, what a publisher makes of them counts.
        var payloads = new byte[count][];
        for (var number = 0; number < count; number++)
        {
            payloads[number] = FlowLoad.Payload(number);
        }

        return await flow.MeasureAsync(count, () => flow.PublishAsync(0, count, number => FlowLoad.Message(number, payloads[number])));
    }

    public void Start() => _runner.Start();

    /// <param name="from">The first number.</param>
    /// <param name="count">How many.</param>
    /// <param name="keyed">Whether they have keys, whose order the flow keeps.</param>
    public Task PublishAsync(int from, int count, bool keyed = true) => PublishAsync(from, count, number => FlowLoad.Message(number, keyed));

    /// <summary>Publishes batches, a few of them under way at a time; they are stored in the order they are begun.</summary>
    private async Task PublishAsync(int from, int count, Func<int, Message> message)
    {
        var running = new Queue<Task>();
        for (var number = from; number < from + count; number += BatchMessages)
        {
            var messages = new Message[Math.Min(BatchMessages, from + count - number)];
            for (var i = 0; i < messages.Length; i++)
            {
                messages[i] = message(number + i);
            }

            if (running.Count == BatchesInFlight)
            {
                await running.Dequeue();
            }

            running.Enqueue(_broker.AppendAsync(new TopicAppend { Topic = "in", Messages = messages }, CancellationToken.None).AsTask());
        }

        while (running.TryDequeue(out var append))
        {
            await append;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _runner.DisposeAsync();
        await _broker.DisposeAsync();
    }

    /// <summary>Runs until all are done, of which nine of ten must have passed unless <paramref name="passing"/> says how many.</summary>
    public async Task<Outcome> MeasureAsync(int count, Func<Task> publish, int? passing = null)
    {
        FlowHarness.Settle();
        var cpu = Environment.CpuUsage.TotalTime;
        var started = Stopwatch.GetTimestamp();
        _runner.Start();
        await publish();
        while (_runner.Status().Counts is var counts && counts.Delivered + counts.Filtered < count)
        {
            if (_runner.Status().State != FlowState.Running || counts.DeadLettered > 0)
            {
                throw new InvalidOperationException($"the flow did not do its work: {_runner.Status()}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System);
        }

        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var spent = (Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / count;
        var held = (await _broker.DescribeTopicAsync("out", CancellationToken.None)).Partitions.Sum(p => p.HighOffset - p.LowOffset);
        return held == (passing ?? FlowLoad.Passing(count))
            ? new Outcome(count / seconds, 0, 0, count, spent)
            : throw new InvalidOperationException($"out holds {held}, expected {passing ?? FlowLoad.Passing(count)}");
    }

    private static ProjectPipelineFactory FromYaml()
    {
        var flow = new FlowConfig
        {
            Name = "bench",
            From = new TopicSourceConfig("in", "flow.bench", SubscribeStart.Earliest, default),
            Steps = [new MapStepConfig("map-1", FlowLoad.Map, default), new FilterStepConfig("filter-1", FlowLoad.Filter, default)],
            Branches = [new BranchConfig(null, [new TopicSinkConfig("out", "out", null, default(SourceLocation))], default)],
        };
        return new ProjectPipelineFactory(flow, "1", Services());
    }

    /// <summary>The handler in C#, for flows that are put together elsewhere.</summary>
    public static IPipelineFactory Handler() => FromCode(new BenchFlow());

    private static IPipelineFactory FromCode(Flow<JsonObject> handler)
    {
        var flow = new CodeFlow(handler);
        return flow.Bind(new ProjectConfig(), ExpressionSyntax.Check) is [var fault, ..] ? throw new InvalidOperationException(fault.Message) : flow.Pipelines("1", Services());
    }

    private static PipelineServices Services()
    {
        var models = new ModelSet(new Dictionary<string, ModelHandle>(), () => ValueTask.CompletedTask);
        return new PipelineServices(new EffectPort(), models, new Dictionary<string, CustomStep>(), TimeProvider.System);
    }

    /// <summary>The same handler in C#, as a host writes it.</summary>
    private sealed class BenchFlow : Flow<JsonObject>
    {
        public override void Configure(FlowBuilder flow) => flow.Named("bench").FromTopic("in").ToTopic("out");

        public override ValueTask HandleAsync(FlowMessage<JsonObject> message, FlowOutput output, CancellationToken cancellationToken)
        {
            if (FlowLoad.Handle(message.Body))
            {
                output.Send("out", message.Body);
            }

            return ValueTask.CompletedTask;
        }
    }
}
