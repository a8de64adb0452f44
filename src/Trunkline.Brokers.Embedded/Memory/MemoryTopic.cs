using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Topics;

namespace Trunkline.Brokers.Embedded.Memory;

/// <summary>One topic: its partitions, and what it recognises duplicates by.</summary>
internal sealed class MemoryTopic
{
    private readonly Dictionary<(string Source, string Id), (Position Position, DateTimeOffset At)> _ids = [];
    private readonly Queue<(string Source, string Id, DateTimeOffset At)> _idsByAge = [];
    private int _roundRobin = -1;

    public MemoryTopic(TopicSettings settings)
    {
        Settings = settings;
        Partitions = [.. Enumerable.Range(0, settings.Partitions).Select(p => new MemoryPartition(p))];
    }

    public TopicSettings Settings { get; set; }

    public MemoryPartition[] Partitions { get; }

    /// <summary>Producers by name and partition.</summary>
    public Dictionary<(string Producer, int Partition), ProducerState> Producers { get; } = [];

    public long DedupeBytes { get; private set; }

    public TopicDescription Describe() => new(Settings, [.. Partitions.Select(p => p.Describe())]);

    /// <summary>Stores an append that was checked before; nothing here can fail.</summary>
    public List<Appended> Append(TopicAppend append, DateTimeOffset now)
    {
        ForgetIds(now);
        if (append.Dedupe == DedupeMode.BySequence)
        {
            return AppendBySequence(append, append.Sequence!, append.Partition!.Value, now);
        }

        var appended = new List<Appended>(append.Messages.Count);
        var keyless = append.Messages.Any(m => m.Key is null) ? (int)((uint)++_roundRobin % (uint)Partitions.Length) : 0;
        foreach (var message in append.Messages)
        {
            appended.Add(append.Dedupe == DedupeMode.ById && _ids.TryGetValue((message.Source, message.Id.Value), out var first)
                ? new Appended(first.Position, true)
                : Store(message, append, keyless, now));
        }

        return appended;
    }

    /// <summary>Erases messages and what recognises their repeats; gives how many there were.</summary>
    public long Erase(IReadOnlyList<ErasedMessage> messages)
    {
        long count = 0;
        var forgotten = new HashSet<(string Source, string Id)>();
        foreach (var (position, replacement) in messages.Where(m => m.Position.Partition >= 0 && m.Position.Partition < Partitions.Length))
        {
            if (Partitions[position.Partition].Erase(position.Offset, replacement) is { } erased)
            {
                count++;
                if (_ids.Remove((erased.Source, erased.Id.Value)))
                {
                    forgotten.Add((erased.Source, erased.Id.Value));
                    DedupeBytes -= DedupeSize(erased.Source, erased.Id.Value);
                }
            }
        }

        var kept = _idsByAge.Where(entry => !forgotten.Contains((entry.Source, entry.Id))).ToArray();
        _idsByAge.Clear();
        Array.ForEach(kept, _idsByAge.Enqueue);
        return count;
    }

    private Appended Store(Message message, TopicAppend append, int keyless, DateTimeOffset now)
    {
        var partition = append.Partition ?? (message.Key is { } key ? Murmur2.Partition(key, Partitions.Length) : keyless);
        var position = Partitions[partition].Append(message, now);
        if (append.Dedupe == DedupeMode.ById && Settings.DedupeWindow > TimeSpan.Zero)
        {
            _ids.Add((message.Source, message.Id.Value), (position, now));
            _idsByAge.Enqueue((message.Source, message.Id.Value, now));
            DedupeBytes += DedupeSize(message.Source, message.Id.Value);
        }

        return new Appended(position, false);
    }

    private List<Appended> AppendBySequence(TopicAppend append, ProducerSequence sequence, int partition, DateTimeOffset now)
    {
        var count = append.Messages.Count;
        var state = Producers.GetValueOrDefault((sequence.Producer, partition));
        if (ProducerState.FindRepeat(state, sequence, count) is { } repeat)
        {
            return [.. Enumerable.Range(0, count).Select(i => new Appended(new Position(partition, repeat.FirstOffset + i), true))];
        }

        var batch = new ProducerBatch(sequence.FirstSequence, count, Partitions[partition].High);
        Producers[(sequence.Producer, partition)] = ProducerState.After(state, sequence, batch);
        return [.. append.Messages.Select(m => new Appended(Partitions[partition].Append(m, now), false))];
    }

    private void ForgetIds(DateTimeOffset now)
    {
        while (_idsByAge.TryPeek(out var oldest) && now - oldest.At >= Settings.DedupeWindow)
        {
            _idsByAge.Dequeue();
            _ids.Remove((oldest.Source, oldest.Id));
            DedupeBytes -= DedupeSize(oldest.Source, oldest.Id);
        }
    }

    private static long DedupeSize(string source, string id) => (2 * (source.Length + id.Length)) + MemorySize.Entry;
}
