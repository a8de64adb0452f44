using System.Collections.Concurrent;
using System.Text.Json.Serialization;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Topics;

namespace Trunkline.Server.Readers;

/// <summary>What groups said they read: the compacted topic <c>trunkline.readers</c> and a view of it. Thread-safe.</summary>
internal sealed class ReaderBook
{
    /// <summary>The topic.</summary>
    public const string TopicName = "trunkline.readers";

    /// <summary>The most groups that may say so.</summary>
    public const int ReadersMax = 10_000;

    private readonly IBroker _broker;
    private readonly InternalTopic _topic;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, ReaderEntry> _entries = new(StringComparer.Ordinal);

    private ReaderBook(IBroker broker, TimeProvider time) => (_broker, _topic, _time) = (broker, new InternalTopic(broker, TopicName, compacted: true), time);

    /// <summary>Opens the book and rebuilds its view.</summary>
    public static async Task<ReaderBook> OpenAsync(IBroker broker, TimeProvider time, CancellationToken cancellationToken)
    {
        var book = new ReaderBook(broker, time);
        await book._topic.EnsureAsync(cancellationToken);
        await foreach (var message in book._topic.ReadAsync(0, cancellationToken))
        {
            var entry = book._topic.Value(message, ReaderJson.Default.ReaderEntry);
            book._entries[Key(entry.Topic, entry.Group)] = entry;
        }

        return book;
    }

    /// <summary>Everybody who said so.</summary>
    public IEnumerable<Reader> All => _entries.Values.Select(entry => entry.ToReader());

    /// <summary>Whether a group has said just that.</summary>
    public bool Has(string topic, string group, ReaderEntry said) => _entries.TryGetValue(Key(topic, group), out var known) && known.Says(said);

    /// <summary>Keeps what a group says in place of what it said before; null if as many as may said so already. Durable when it returns.</summary>
    public async Task<Reader?> DeclareAsync(string topic, string group, ReaderEntry said, CancellationToken cancellationToken)
    {
        var key = Key(topic, group);
        var entry = said with { Topic = topic, Group = group, At = _time.GetUtcNow() };
        if (Has(topic, group, said))
        {
            return _entries[key].ToReader();
        }

        if (!_entries.ContainsKey(key) && _entries.Count >= ReadersMax)
        {
            return null;
        }

        await _broker.AppendAsync(_topic.Append(key, entry, ReaderJson.Default.ReaderEntry), cancellationToken);
        _entries[key] = entry;
        return entry.ToReader();
    }

    private static string Key(string topic, string group) => $"{topic}/{group}";
}

/// <summary>What a group said, as the topic holds it.</summary>
internal sealed record ReaderEntry
{
    public string Topic { get; init; } = "";

    public string Group { get; init; } = "";

    public required IReadOnlyList<string> Fields { get; init; }

    public string? Owner { get; init; }

    public string? Version { get; init; }

    public DateTimeOffset At { get; init; }

    /// <summary>True if another says the same.</summary>
    public bool Says(ReaderEntry other) => Owner == other.Owner && Version == other.Version && Fields.SequenceEqual(other.Fields, StringComparer.Ordinal);

    public Reader ToReader() => new(Topic, ReaderKind.Group, Group) { Fields = Fields, Owner = Owner, Version = Version, Origin = ReaderOrigin.Told, DeclaredAt = At };
}

/// <summary>How it is stored.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ReaderEntry))]
internal sealed partial class ReaderJson : JsonSerializerContext;
