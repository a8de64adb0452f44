using Trunkline.Messaging;
using Trunkline.Server.Schemas.Fields;
using Trunkline.Server.Schemas.Json.Values;

namespace Trunkline.Server.Traffic;

/// <summary>What the producers of a topic write. Bounded; not thread-safe.</summary>
internal sealed class TopicTraffic
{
    /// <summary>Producers that are told apart; the later ones are one.</summary>
    public const int ProducersMax = 16;

    /// <summary>What later producers are called together.</summary>
    public const string Others = "(others)";

    private readonly Dictionary<string, ProducerProfile> _producers = new(StringComparer.Ordinal);

    /// <summary>The producers, by name: a flow's, or the source their messages name.</summary>
    public IReadOnlyDictionary<string, ProducerProfile> Producers => _producers;

    /// <summary>Who wrote a message.</summary>
    public static string ProducerOf(Message message) =>
        message.Headers.Text(HeaderNames.Flow) is { Length: > 0 } flow ? "flow " + flow : message.Source.Length > 0 ? Printable(message.Source) : "(unknown)";

    /// <summary>Looks at a message; gives its producer, and what changed if something did.</summary>
    public (string Producer, IReadOnlyList<DriftFinding> Findings) Add(Message message, ReadOnlyMemory<byte>? data, string version, SchemaFields? fields)
    {
        var producer = ProducerOf(message);
        if (!_producers.TryGetValue(producer, out var profile))
        {
            producer = _producers.Count < ProducersMax ? producer : Others;
            profile = _producers.GetValueOrDefault(producer) ?? (_producers[producer] = new ProducerProfile());
        }

        using var json = data is { } bytes ? JsonIndex.Parse(bytes, out _) : null;
        return (producer, profile.Add(json, version, fields));
    }

    private static string Printable(string source) => source.Length <= 200 && !source.Any(char.IsControl) ? source : "(unknown)";
}
