using System.Text.Json;
using Trunkline.Client;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Demo;

/// <summary>
/// What became of every mail, by the topics themselves: each sink and each topic of dead letters is read back and compared with the
/// files that went in. No counter of the node is asked, so what it says holds over any number of its deaths.
/// </summary>
internal sealed class MailLedger
{
    /// <summary>Where mails wait to be sorted.</summary>
    public const string Received = "mail.received";

    /// <summary>Where sorted mails are, in the order they are shown.</summary>
    public static readonly IReadOnlyList<string> Sinks = ["mail.inbox", "mail.urgent", "mail.spam"];

    private static readonly string[] Dead = ["intake.dead", "triage.dead"];

    private readonly HashSet<string> _expected;
    private readonly Dictionary<string, (string File, DateTimeOffset At)> _received = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _places = new(StringComparer.Ordinal);
    private readonly HashSet<(string Topic, string Source, string Id)> _ids = [];
    private readonly Dictionary<string, int> _counts = Sinks.ToDictionary(sink => sink, _ => 0);
    private readonly List<SortedMail> _sorted = [];
    private readonly List<string> _faults = [];

    private MailLedger(MailCorpus corpus) => _expected = [.. corpus.Mails.Select(mail => mail.Name)];

    /// <summary>Mails by sink.</summary>
    public IReadOnlyDictionary<string, int> Counts => _counts;

    /// <summary>Mails that became dead letters of intake and triage.</summary>
    public int DeadLetters { get; private set; }

    /// <summary>Webhooks that were given up.</summary>
    public int WebhooksDead { get; private set; }

    /// <summary>Every mail in a sink.</summary>
    public IReadOnlyList<SortedMail> Sorted => _sorted;

    /// <summary>What is lost, doubled or unknown; empty if every mail is in exactly one place.</summary>
    public IReadOnlyList<string> Faults => _faults;

    /// <summary>The file of a message of <see cref="Received"/>.</summary>
    public string FileAt(int partition, long offset) =>
        _received.TryGetValue(FormattableString.Invariant($"{Received}/{partition}/{offset}"), out var mail) ? mail.File : "(unknown)";

    /// <summary>Reads all topics back.</summary>
    public static async Task<MailLedger> ReadAsync(TrunklineClient client, MailCorpus corpus, CancellationToken cancellationToken)
    {
        var ledger = new MailLedger(corpus);
        var files = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var message in TopicScan.ReadAsync(client, Received, cancellationToken))
        {
            ledger.Identify(Received, message);
            var file = Text(message, "file");
            if (!files.Add(file))
            {
                ledger._faults.Add($"{file} is twice in {Received}");
            }

            ledger._received[FormattableString.Invariant($"{Received}/{message.Partition}/{message.Offset}")] = (file, message.AppendedAt);
        }

        foreach (var sink in Sinks)
        {
            await foreach (var message in TopicScan.ReadAsync(client, sink, cancellationToken))
            {
                ledger.Sort(sink, message);
            }
        }

        foreach (var topic in Dead)
        {
            await foreach (var message in TopicScan.ReadAsync(client, topic, cancellationToken))
            {
                ledger.Bury(topic, message);
            }
        }

        ledger._faults.AddRange(ledger._expected.Where(file => !ledger._places.ContainsKey(file)).Select(file => $"{file} is nowhere"));
        return ledger;
    }

    private void Sort(string sink, EventView message)
    {
        Identify(sink, message);
        if (!_received.TryGetValue(Header(message, "tl-position"), out var received))
        {
            _faults.Add($"{sink} {message.Partition}/{message.Offset} comes from no mail of {Received}");
            return;
        }

        Place(received.File, sink);
        _counts[sink]++;
        var spam = message.Data is { ValueKind: JsonValueKind.Object } data ? data.GetProperty("spam").GetProperty("probability").GetDouble() : 0;
        _sorted.Add(new SortedMail(received.File, sink, spam, received.At, message.AppendedAt));
    }

    private void Bury(string topic, EventView message)
    {
        var position = Header(message, "tl-position");
        if (topic == Dead[0])
        {
            DeadLetters++;
            Place(Header(message, "tl-file"), topic);
        }
        else if (_received.TryGetValue(position, out var received))
        {
            DeadLetters++;
            Place(received.File, topic);
        }
        else
        {
            // From the outbox of the webhook: the mail itself is in its topic.
            WebhooksDead++;
        }
    }

    private void Place(string file, string topic)
    {
        if (!_places.TryAdd(file, topic))
        {
            _faults.Add($"{file} is in {_places[file]} and in {topic}");
        }
        else if (!_expected.Contains(file))
        {
            _faults.Add($"{file} in {topic} never went in");
        }
    }

    private void Identify(string topic, EventView message)
    {
        if (!_ids.Add((topic, message.Source, message.Id)))
        {
            _faults.Add($"id {message.Id} is twice in {topic}");
        }
    }

    private static string Text(EventView message, string member) =>
        message.Data is { ValueKind: JsonValueKind.Object } data && data.TryGetProperty(member, out var value) ? value.GetString() ?? "" : "";

    private static string Header(EventView message, string name) => message.Headers?.FirstOrDefault(header => header.Name == name)?.Value ?? "";
}

/// <summary>A mail that was sorted.</summary>
/// <param name="File">Its file name.</param>
/// <param name="Sink">The topic it is in.</param>
/// <param name="SpamProbability">What the spam model said.</param>
/// <param name="ReceivedAt">When it was appended to <see cref="MailLedger.Received"/>.</param>
/// <param name="SortedAt">When it was appended to its topic.</param>
internal sealed record SortedMail(string File, string Sink, double SpamProbability, DateTimeOffset ReceivedAt, DateTimeOffset SortedAt);
