using System.Globalization;
using System.Text;
using HdrHistogram;
using Microsoft.Extensions.Logging.Abstractions;
using Trunkline.Brokers.Embedded;
using Trunkline.Core.Config;
using Trunkline.Core.Security;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Topics;
using Trunkline.Models;
using Trunkline.Server.Configuration;
using Trunkline.Server.Connectors;
using Trunkline.Server.Effects;
using Trunkline.Server.Flows;
using Trunkline.Server.Inference;
using Trunkline.Server.Outcomes;
using Trunkline.Server.Steps;

namespace Trunkline.Bench.Models;

/// <summary>
/// A durable flow with an infer step whose model takes ten times what it took; forty-nine tenants send now and then, the fiftieth
/// nothing, or a flood. From the append of a quiet tenant's message to that of its answer.
/// </summary>
internal static class FloodBench
{
    private const int QuietTenants = 49;
    public const int Messages = 100_000;
    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(20);

    /// <summary>One round.</summary>
    /// <param name="folder">Where the broker keeps its data.</param>
    /// <param name="seconds">How long the quiet tenants send.</param>
    /// <param name="flood">How many messages the flooding tenant has stored; 0 for no flood.</param>
    public static async Task<LongHistogram> RunAsync(string folder, double seconds, int flood)
    {
        await using var broker = await EmbeddedBroker.OpenAsync(new EmbeddedBrokerOptions { Directory = folder }, CancellationToken.None);
        foreach (var topic in new[] { "in", "out", "bench.dead", "trunkline.effects.bench", "trunkline.parked.bench" })
        {
            await broker.CreateTopicAsync(new TopicSettings { Name = topic, Partitions = 4, DedupeWindow = TimeSpan.Zero }, CancellationToken.None);
        }

        await broker.CreateTopicAsync(OutcomeTopics.SettingsOf("bench"), CancellationToken.None);

        await using var catalog = new ModelCatalog(new OutgoingAddressPolicy(), new Dictionary<string, IModel> { ["slow"] = new SlowModel() }, TimeProvider.System);
        await using var models = catalog.Lease(new ProjectConfig
        {
            Models = new Dictionary<string, ModelConfig> { ["slow"] = new() { Name = "slow", Kind = "use" } },
        });
        await using var runner = Runner(broker, models);
        if (flood > 0)
        {
            await AppendAsync(broker, Enumerable.Range(0, flood).Select(i => Of("flood", i)));
        }

        runner.Start();
        var count = (int)(seconds / Pace.TotalSeconds);
        for (var i = 0; i < count; i++)
        {
            await AppendAsync(broker, [Of(string.Create(CultureInfo.InvariantCulture, $"quiet-{i % QuietTenants}"), i)]);
            await Task.Delay(Pace, TimeProvider.System);
        }

        return await QuietAsync(broker, count);
    }

    private static FlowRunner Runner(EmbeddedBroker broker, ModelSet models)
    {
        var config = new FlowConfig
        {
            Name = "bench",
            From = new TopicSourceConfig("in", "flow.bench", SubscribeStart.Earliest, default),
            Steps = [new InferStepConfig("infer-1", "slow", "message.text", "answer", default)],
            Branches = [new BranchConfig(null, [new TopicSinkConfig("out", "out", null, default(SourceLocation))], default)],
        };
        var pipelines = new ProjectPipelineFactory(config, "1", new PipelineServices(new EffectPort(), models, new Dictionary<string, CustomStep>(), TimeProvider.System));
        var rules = new FailureRules(new RetryConfig(), FailurePolicy.ParkMessage, "bench.dead", "trunkline.effects.bench", "trunkline.parked.bench");
        return new FlowRunner(new FlowRunnerOptions
        {
            Flow = "bench",
            Topic = "in",
            Store = "flow.bench",
            Broker = broker,
            Open = token => TopicSource.OpenAsync(broker, new SubscribeOptions { Topic = "in", Group = "flow.bench" }, token),
            Revision = new FlowRevision(1, pipelines, rules, [new SinkTarget("out", "out", 32 * 1024 * 1024)]) { Lanes = 32 },
            Log = NullLogger.Instance,
        });
    }

    private static Message Of(string tenant, int number) => new()
    {
        Id = new MessageId(string.Create(CultureInfo.InvariantCulture, $"{tenant}/{number}")),
        Key = MessageKey.FromText(string.Create(CultureInfo.InvariantCulture, $"{tenant}/{number}")),
        ContentType = "application/json",
        Headers = Headers.Of([new Header(HeaderNames.Tenant, tenant)]),
        Payload = Encoding.UTF8.GetBytes("""{"text":"Where is my order?"}"""),
    };

    private static async Task AppendAsync(EmbeddedBroker broker, IEnumerable<Message> messages)
    {
        foreach (var chunk in messages.Chunk(500))
        {
            await broker.AppendAsync(new TopicAppend { Topic = "in", Messages = chunk }, CancellationToken.None);
        }
    }

    private static async Task<LongHistogram> QuietAsync(EmbeddedBroker broker, int expected)
    {
        var asked = new Dictionary<MessageKey, DateTimeOffset>();
        await foreach (var message in ReadAsync(broker, "in", int.MaxValue))
        {
            asked[message.Message.Key!.Value] = message.AppendedAt;
        }

        var histogram = new LongHistogram(600_000_000, 3);
        await foreach (var message in ReadAsync(broker, "out", expected))
        {
            var key = message.Message.Key!.Value;
            histogram.RecordValue(Math.Clamp((long)(message.AppendedAt - asked[key]).TotalMicroseconds, 1, 600_000_000));
        }

        return histogram;
    }

    /// <summary>All there is of a topic, or of its quiet tenants the given number, waiting for them.</summary>
    private static async IAsyncEnumerable<StoredMessage> ReadAsync(EmbeddedBroker broker, string topic, int quiet)
    {
        var end = quiet == int.MaxValue ? (await broker.DescribeTopicAsync(topic, CancellationToken.None)).Partitions.Sum(p => p.HighOffset) : long.MaxValue;
        await using var subscription = await broker.SubscribeAsync(new SubscribeOptions { Topic = topic, Group = "reader" }, CancellationToken.None);
        for (var seen = 0L; seen < end && quiet > 0;)
        {
            if (await subscription.ReceiveAsync(1000, CancellationToken.None) is not SubscriptionEvent.Delivered delivered)
            {
                continue;
            }

            foreach (var message in delivered.Messages)
            {
                seen++;
                if (quiet == int.MaxValue)
                {
                    yield return message;
                }
                else if (message.Message.Headers.Text(HeaderNames.Tenant) != "flood" && quiet-- > 0)
                {
                    yield return message;
                }
            }
        }
    }

    private sealed class SlowModel : IModel
    {
        public string Kind => "slow";

        public string Version => "slow@1";

        public async ValueTask<ModelAnswer> InferAsync(ModelRequest request, CancellationToken cancellationToken)
        {
            await Task.Delay(Slow, TimeProvider.System, cancellationToken);
            return new ModelAnswer("1"u8.ToArray());
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
