using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Trunkline.Brokers.Embedded.Memory;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Topics;
using Trunkline.Server.Configuration;
using Trunkline.Server.Connectors;
using Trunkline.Server.Flows;
using Trunkline.Server.Outcomes;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Tests.Flows;

/// <summary>A flow <c>f</c> from topic <c>in</c> to topics <c>out</c> and <c>other</c> on a memory broker.</summary>
internal sealed class FlowFixture : IAsyncDisposable
{
    private readonly List<FlowRunner> _runners = [];
    private readonly Guid _process = Guid.NewGuid();
    private int _published;

    public FlowFixture(IBroker? broker = null, TimeProvider? time = null)
    {
        Time = time ?? TimeProvider.System;
        Broker = broker ?? new MemoryBroker(Time);
    }

    public IBroker Broker { get; }

    public TimeProvider Time { get; }

    public FlowLimits Limits { get; set; } = new();

    public RetryConfig Retry { get; set; } = new(3, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(2));

    public FailurePolicy OnFailure { get; set; } = FailurePolicy.ParkMessage;

    public int Lanes { get; set; } = 16;

    /// <summary>Whether outcomes are written, into their topic.</summary>
    public bool WritesOutcomes { get; set; }

    /// <summary>The flow's SLO; zero for none.</summary>
    public TimeSpan Within { get; set; }

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async Task CreateTopicsAsync(int partitions = 4)
    {
        foreach (var name in new[] { "in", "out", "other", "f.dead", "trunkline.effects.f", "trunkline.parked.f" })
        {
            await Broker.CreateTopicAsync(new TopicSettings { Name = name, Partitions = partitions }, Cancel);
        }

        await Broker.CreateTopicAsync(OutcomeTopics.SettingsOf("f"), Cancel);
    }

    public FlowRevision Revision(IPipelineFactory pipelines, int number = 1) => new(
        number,
        pipelines,
        new FailureRules(Retry, OnFailure, "f.dead", "trunkline.effects.f", "trunkline.parked.f"),
        [.. pipelines.Sinks.Select(s => new SinkTarget(s.Name, ((TopicSinkConfig)s).Topic, 32 * 1024 * 1024))])
    {
        Lanes = Lanes,
        Within = Within,
    };

    public FlowRunner Start(IPipelineFactory pipelines, IBroker? through = null, Guid? process = null)
    {
        var broker = through ?? Broker;
        var runner = new FlowRunner(new FlowRunnerOptions
        {
            Flow = "f",
            Topic = "in",
            Store = "flow.f",
            OutcomeTopic = WritesOutcomes ? OutcomeTopics.Of("f") : null,
            Broker = broker,
            Open = token => TopicSource.OpenAsync(broker, new SubscribeOptions { Topic = "in", Group = "flow.f" }, token),
            Revision = Revision(pipelines),
            Limits = Limits,
            Time = Time,
            Log = NullLogger.Instance,
            Process = process ?? _process,
        });
        _runners.Add(runner);
        runner.Start();
        return runner;
    }

    /// <summary>Publishes messages whose payload is their key and a number that rises per key.</summary>
    public async Task PublishAsync(int count, int keys)
    {
        var messages = Enumerable.Range(_published, count).Select(i =>
        {
            var key = "k" + (i % keys).ToString(CultureInfo.InvariantCulture);
            return Text(key, string.Create(CultureInfo.InvariantCulture, $"{key}:{i / keys}"));
        }).ToArray();
        _published += count;
        foreach (var chunk in messages.Chunk(500))
        {
            await Broker.AppendAsync(new TopicAppend { Topic = "in", Messages = chunk }, Cancel);
        }
    }

    public static Message Text(string? key, string payload) => new()
    {
        Key = key is null ? null : MessageKey.FromText(key),
        Payload = Encoding.UTF8.GetBytes(payload),
    };

    public async Task<List<StoredMessage>> ReadAsync(string topic)
    {
        var all = new List<StoredMessage>();
        var description = await Broker.DescribeTopicAsync(topic, Cancel);
        foreach (var partition in description.Partitions)
        {
            for (var offset = partition.LowOffset; offset < partition.HighOffset;)
            {
                var read = await Broker.ReadAsync(new ReadRequest(topic, partition.Partition, offset, 10_000), Cancel);
                all.AddRange(read);
                offset = read[^1].Position.Offset + 1;
            }
        }

        return all;
    }

    public async Task<List<string>> PayloadsAsync(string topic) =>
        [.. (await ReadAsync(topic)).Select(m => Encoding.UTF8.GetString(m.Message.Payload.Span))];

    public async Task<int> CountAsync(string topic) =>
        (int)(await Broker.DescribeTopicAsync(topic, Cancel)).Partitions.Sum(p => p.HighOffset - p.LowOffset);

    public Task HoldsAsync(string topic, int count) =>
        Eventually.HoldsAsync(async () => await CountAsync(topic) >= count, $"{topic} holds {count}");

    public async Task<long> LagAsync() =>
        (await Broker.DescribeGroupsAsync("in", Cancel)).Single(g => g.Group == "flow.f").Partitions.Sum(p => p.Lag);

    /// <summary>Fails unless each key's numbers rise by one from zero, each once.</summary>
    public async Task AssertEachOnceInOrderAsync(string topic, int count, int keys)
    {
        var payloads = await PayloadsAsync(topic);
        Assert.Equal(count, payloads.Count);
        var next = new Dictionary<string, int>();
        foreach (var payload in payloads)
        {
            var parts = payload.Split(':');
            Assert.Equal(next.GetValueOrDefault(parts[0]), int.Parse(parts[1], CultureInfo.InvariantCulture));
            next[parts[0]] = next.GetValueOrDefault(parts[0]) + 1;
        }

        Assert.Equal(keys, next.Count);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var runner in _runners)
        {
            await runner.DisposeAsync();
        }

        await Broker.DisposeAsync();
    }
}
