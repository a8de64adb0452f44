using Microsoft.Extensions.Logging.Abstractions;
using Trunkline.Brokers.Embedded.Memory;
using Trunkline.Core.Config;
using Trunkline.Core.Security;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Topics;
using Trunkline.Server.Configuration;
using Trunkline.Server.Connectors;
using Trunkline.Server.Connectors.Http;
using Trunkline.Server.Effects;
using Trunkline.Server.Flows;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Tests.Flows;

/// <summary>A supervisor on a memory broker; pipelines are made by a function of the flow's configuration.</summary>
internal sealed class SupervisorFixture : IAsyncDisposable
{
    private readonly HttpClient _http = new(new OutgoingAddressPolicy().CreateHandler()) { Timeout = Timeout.InfiniteTimeSpan };
    private readonly List<FlowSupervisor> _supervisors = [];

    public MemoryBroker Broker { get; } = new(TimeProvider.System);

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>What flows see of the broker. Default: all of it.</summary>
    public Func<IBroker, IBroker> Through { get; init; } = broker => broker;

    public HttpIntakes Intakes { get; } = new();

    public OutgoingAddressPolicy Addresses { get; } = new();

    public HostConnectors Connectors { get; init; } = HostConnectors.None;

    /// <summary>What each flow does; by default every message goes to every sink.</summary>
    public Func<FlowConfig, int, Step> Steps { get; set; } = (config, _) =>
    {
        var sinks = config.Branches.SelectMany(b => b.To).Count();
        return (input, _) =>
        {
            var message = input.Stored.Message;
            var outputs = Enumerable.Range(0, sinks).Select(i => new SinkOutput(i, new Message
            {
                Id = new MessageId(message.Id.Value + "-" + i),
                Key = message.Key,
                ContentType = "application/json",
                Payload = message.Payload,
            }));
            return new(new PipelineResult.Delivered(0, [.. outputs]));
        };
    };

    public List<int> Disposed { get; } = [];

    public static RetryConfig FastRetry { get; } = new(3, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(2));

    public FlowSupervisor Start()
    {
        var supervisor = new FlowSupervisor(new FlowEnvironment
        {
            Broker = Through(Broker),
            Time = Time,
            Logs = NullLoggerFactory.Instance,
            Effects = new EffectPort(),
            Http = _http,
            Intakes = Intakes,
            Addresses = Addresses,
            Connectors = Connectors,
            Jitter = () => 0,
            Pipelines = (project, revision, _) => new(new RevisionPipelines(
                project.Flows.Values.ToDictionary(f => f.Name, f => (IPipelineFactory)new Pipelines(f, Steps(f, revision))),
                new Owned(this, revision))),
        });
        _supervisors.Add(supervisor);
        return supervisor;
    }

    public static ProjectConfig Project(params FlowConfig[] flows) => new()
    {
        Topics = new[] { "in", "out" }.ToDictionary(n => n, n => new TopicConfig { Settings = new TopicSettings { Name = n, Partitions = 2 } }),
        Flows = flows.ToDictionary(f => f.Name),
    };

    public static FlowConfig Flow(string name, SourceConfig from, params SinkConfig[] to) => new()
    {
        Name = name,
        From = from,
        Branches = [new BranchConfig(null, to, default)],
        Retry = FastRetry,
    };

    public static TopicSourceConfig FromTopic(string topic = "in", string group = "flow.f") => new(topic, group, SubscribeStart.Earliest, default);

    public static TopicSinkConfig ToTopic(string topic = "out") => new(topic, topic, null, default(SourceLocation));

    public static WebhookSinkConfig ToWebhook(Uri url, string? secret = null, string name = "webhook-1", int timeoutMs = 5000) =>
        new(name, url, secret is null ? null : new Secret(secret), default) { Timeout = TimeSpan.FromMilliseconds(timeoutMs) };

    public async Task PublishAsync(string topic, params IEnumerable<string> payloads) =>
        await Broker.AppendAsync(
            new TopicAppend { Topic = topic, Messages = [.. payloads.Select(p => FlowFixture.Text(p.Split(':')[0], p))] },
            TestContext.Current.CancellationToken);

    public async Task<List<StoredMessage>> ReadAsync(string topic)
    {
        var all = new List<StoredMessage>();
        foreach (var partition in (await Broker.DescribeTopicAsync(topic, default)).Partitions)
        {
            for (long next = 0; await Broker.ReadAsync(new ReadRequest(topic, partition.Partition, next, 1000), default) is { Count: > 0 } read;)
            {
                all.AddRange(read);
                next = read[^1].Position.Offset + 1;
            }
        }

        return all;
    }

    public Task HoldsAsync(string topic, int count) =>
        Eventually.HoldsAsync(async () => (await ReadAsync(topic)).Count >= count, $"{topic} holds {count}");

    public async ValueTask DisposeAsync()
    {
        foreach (var supervisor in _supervisors)
        {
            await supervisor.StopAsync(TimeSpan.Zero);
            await supervisor.DisposeAsync();
        }

        _http.Dispose();
        await Broker.DisposeAsync();
    }

    private sealed class Owned(SupervisorFixture fixture, int revision) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            lock (fixture.Disposed)
            {
                fixture.Disposed.Add(revision);
            }

            return ValueTask.CompletedTask;
        }
    }

    private sealed class Pipelines(FlowConfig config, Step step) : IPipelineFactory
    {
        private readonly FuncPipelines _inner = new(step);

        public IReadOnlyList<SinkConfig> Sinks { get; } = [.. config.Branches.SelectMany(b => b.To)];

        public IPipeline Create() => _inner.Create();
    }
}
