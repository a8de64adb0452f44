using CsCheck;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Consuming;
using Trunkline.Messaging.Topics;

namespace Trunkline.Brokers.Embedded.Tests.Differential;

/// <summary>Something done to a broker; what it answers, as text, must be the same on every broker.</summary>
internal abstract record Operation
{
    private const int Partitions = 3;
    private static readonly string[] Topics = ["a", "b"];

    private static readonly Gen<string> AnyTopic = Gen.Int[0, 1].Select(i => Topics[i]);

    /// <summary>Operations over two topics, a few keys, ids, groups and state keys, so that they meet each other.</summary>
    public static Gen<Operation> Any { get; } = Gen.Frequency(
        (6, Gen.Select(AnyTopic, Gen.Int[0, 4].Array[1, 4], Gen.Bool, (t, k, d) => (Operation)new Append(t, k, d))),
        (3, Gen.Select(AnyTopic, Gen.Int[0, 2], Gen.Int[0, 6], Gen.Int[1, 3], (t, e, s, n) => (Operation)new Send(t, e, s, n))),
        (6, Gen.Select(AnyTopic, Gen.Int[0, Partitions - 1], Gen.Int[-1, 12], Gen.Int[0, 3], (t, p, n, a) => (Operation)new Commit(t, p, n, a))),
        (2, Gen.Select(AnyTopic, Gen.Int[0, Partitions], Gen.Int[-1, 15], (t, p, o) => (Operation)new Seek(t, p, o))),
        (1, AnyTopic.Select(t => (Operation)new Recreate(t))),
        (2, Gen.Const((Operation)new Restart())));

    /// <summary>Does it; a refusal is an answer too.</summary>
    public async Task<string> RunAsync(Subject subject)
    {
        try
        {
            return await DoAsync(subject);
        }
        catch (BrokerException refused)
        {
            return refused.Code.ToString();
        }
    }

    protected abstract Task<string> DoAsync(Subject subject);

    private static string Text(IEnumerable<Appended> appended) => string.Join(' ', appended.Select(a => $"{a.Position}{(a.Duplicate ? "=" : "")}"));

    internal sealed record Append(string Topic, int[] Keys, bool Dedupe) : Operation
    {
        protected override async Task<string> DoAsync(Subject subject) => Text(await subject.Broker.AppendAsync(new TopicAppend
        {
            Topic = Topic,
            Messages = [.. Keys.Select(k => new Message { Key = MessageKey.FromText($"k{k}"), Id = new MessageId($"id{k}"), Payload = new byte[] { (byte)k } })],
            Dedupe = Dedupe ? DedupeMode.ById : DedupeMode.None,
        }, subject.Stop));

        public override string ToString() => $"append {Topic} [{string.Join(',', Keys)}] {(Dedupe ? "by id" : "")}";
    }

    internal sealed record Send(string Topic, int Epoch, int Sequence, int Count) : Operation
    {
        protected override async Task<string> DoAsync(Subject subject) => Text(await subject.Broker.AppendAsync(new TopicAppend
        {
            Topic = Topic,
            Partition = 0,
            Messages = [.. Enumerable.Range(Sequence, Count).Select(i => new Message { Id = new MessageId($"s{i}"), Payload = new byte[] { (byte)i } })],
            Dedupe = DedupeMode.BySequence,
            Sequence = new ProducerSequence("producer", Epoch, Sequence),
        }, subject.Stop));
    }

    /// <summary>A unit: a position with perhaps a range above it, an append to the other topic, and state.</summary>
    internal sealed record Commit(string Topic, int Partition, int Next, int Above) : Operation
    {
        protected override async Task<string> DoAsync(Subject subject)
        {
            var progress = new Progress(Next, Above == 0 ? [] : [new OffsetRange(Next + 1, Next + 1 + Above)]);
            var result = await subject.Broker.CommitAsync(new CommitUnit
            {
                Fence = await subject.FenceAsync(Topic),
                Appends = [new TopicAppend { Topic = Topics.First(t => t != Topic), Messages = [new Message { Id = new MessageId("c"), Key = MessageKey.FromText($"{Partition}") }] }],
                Positions = [new PositionUpdate(Topic, Partition, progress)],
                State = [new StateWrite("store", Partition, new byte[] { (byte)Next }, Above == 1 ? null : (ReadOnlyMemory<byte>?)new byte[] { (byte)Above })],
            }, subject.Stop);
            return Text(result.Appended[0]);
        }
    }

    internal sealed record Seek(string Topic, int Partition, long Offset) : Operation
    {
        protected override async Task<string> DoAsync(Subject subject)
        {
            await subject.FenceAsync(Topic);
            await subject.Broker.SeekAsync(Topic, Subject.Group, new SeekTarget.Offset(Partition, Offset), subject.Stop);
            return "";
        }
    }

    internal sealed record Recreate(string Topic) : Operation
    {
        protected override async Task<string> DoAsync(Subject subject)
        {
            await subject.Broker.DeleteTopicAsync(Topic, subject.Stop);
            await subject.Broker.CreateTopicAsync(Settings(Topic), subject.Stop);
            return "";
        }
    }

    internal sealed record Restart : Operation
    {
        protected override async Task<string> DoAsync(Subject subject)
        {
            await subject.RestartAsync();
            return "";
        }
    }

    internal static TopicSettings Settings(string topic) => new() { Name = topic, Partitions = Partitions, Durability = Durability.None };

    internal static IReadOnlyList<string> AllTopics => Topics;
}
