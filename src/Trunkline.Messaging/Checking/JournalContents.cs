namespace Trunkline.Messaging.Checking;

/// <summary>A journal's entries by kind, in line order, with what was sent looked up by message.</summary>
internal sealed class JournalContents
{
    public Dictionary<MessageName, JournalEntry.Attempt> Sent { get; } = [];

    public HashSet<MessageName> Acknowledged { get; } = [];

    /// <summary>Messages with an attempt that may have been stored: acknowledged, unknown, or without outcome.</summary>
    public HashSet<MessageName> Possible { get; } = [];

    public List<JournalEntry.Stored> Stored { get; } = [];

    public List<JournalEntry.Delivery> Deliveries { get; } = [];

    public List<JournalEntry.Effect> Effects { get; } = [];

    /// <summary>Deliveries and positions of groups, in the order they happened.</summary>
    public List<JournalEntry> Groups { get; } = [];

    public static async Task<JournalContents> ReadAsync(IAsyncEnumerable<JournalEntry> journal, CancellationToken cancellationToken)
    {
        var contents = new JournalContents();
        var open = new Dictionary<MessageName, int>();
        await foreach (var entry in journal.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            contents.Add(entry, open);
        }

        // Each attempt that no outcome closed may have been stored; an outcome of what was never attempted says nothing.
        contents.Possible.UnionWith(open.Where(o => o.Value > 0).Select(o => o.Key));
        contents.Possible.IntersectWith(contents.Sent.Keys);
        return contents;
    }

    private void Add(JournalEntry entry, Dictionary<MessageName, int> open)
    {
        switch (entry)
        {
            case JournalEntry.Attempt attempt:
                var sent = new MessageName(attempt.Topic, attempt.Id);
                Sent.TryAdd(sent, attempt);
                open[sent] = open.GetValueOrDefault(sent) + 1;
                break;
            case JournalEntry.Outcome outcome:
                var ended = new MessageName(outcome.Topic, outcome.Id);
                open[ended] = open.GetValueOrDefault(ended) - 1;
                _ = outcome.Result != AttemptResult.Fail && Possible.Add(ended);
                _ = outcome.Result == AttemptResult.Ok && Acknowledged.Add(ended);
                break;
            case JournalEntry.Stored stored:
                Stored.Add(stored);
                break;
            case JournalEntry.Delivery delivery:
                Deliveries.Add(delivery);
                Groups.Add(delivery);
                break;
            case JournalEntry.Effect effect:
                Effects.Add(effect);
                break;
            case JournalEntry.GroupPosition position:
                Groups.Add(position);
                break;
        }
    }
}

/// <summary>What a message is known by.</summary>
internal readonly record struct MessageName(string Topic, string Id)
{
    public override string ToString() => $"{Topic}:{Id}";
}
