namespace Trunkline.Messaging.Checking;

/// <summary>
/// Checks of order. What is there twice is a duplicate, what was never sent is invented: neither has a place in an order, so
/// both are left out. Of deliveries the first to a member counts; the rest are retries.
/// </summary>
internal static class OrderCheck
{
    public static IEnumerable<JournalFinding> Reordered(JournalContents journal) =>
        Readings(journal).Concat(KeysInTheLog(journal)).Concat(KeysAsDelivered(journal)).Concat(Disagreements(journal));

    /// <summary>A final reading sees the offsets of a partition rising.</summary>
    private static IEnumerable<JournalFinding> Readings(JournalContents journal)
    {
        foreach (var reading in Ordered(journal).GroupBy(s => (s.Reader, s.Topic, s.Partition)))
        {
            var last = -1L;
            foreach (var stored in reading)
            {
                if (stored.Offset < last)
                {
                    yield return new JournalFinding(FindingKind.Reordered, $"{stored.Topic}:{stored.Id}",
                        $"was read by {stored.Reader} at {stored.Partition}/{stored.Offset}, after offset {last}");
                }

                last = Math.Max(last, stored.Offset);
            }
        }
    }

    /// <summary>By offset, the numbers of a key rise.</summary>
    private static IEnumerable<JournalFinding> KeysInTheLog(JournalContents journal) =>
        from key in Ordered(journal)
            .Select(s => (Stored: s, Sent: journal.Sent[new MessageName(s.Topic, s.Id)]))
            .Where(s => s.Sent.Key is not null)
            .GroupBy(s => (s.Stored.Reader, s.Stored.Topic, s.Sent.Key))
        from finding in Falling(key.OrderBy(s => s.Stored.Offset).Select(s => s.Sent), $"in the log as {key.Key.Reader} read it")
        select finding;

    /// <summary>Each member is given the messages of a key, each for its first time, with rising numbers.</summary>
    private static IEnumerable<JournalFinding> KeysAsDelivered(JournalContents journal) =>
        from key in journal.Deliveries
            .Where(d => journal.Possible.Contains(new MessageName(d.Topic, d.Id)))
            .DistinctBy(d => (d.Reader, d.Group, d.Topic, d.Id))
            .Select(d => (Delivery: d, Sent: journal.Sent[new MessageName(d.Topic, d.Id)]))
            .Where(d => d.Sent.Key is not null)
            .GroupBy(d => (d.Delivery.Reader, d.Delivery.Group, d.Delivery.Topic, d.Sent.Key))
        from finding in Falling(key.Select(d => d.Sent), $"as delivered to {key.Key.Reader}")
        select finding;

    private static IEnumerable<JournalFinding> Falling(IEnumerable<JournalEntry.Attempt> messages, string where)
    {
        var highest = long.MinValue;
        foreach (var message in messages)
        {
            if (message.N < highest)
            {
                yield return new JournalFinding(FindingKind.Reordered, $"{message.Topic}:{message.Id}",
                    $"is number {message.N} of its key and comes after number {highest}, {where}");
            }

            highest = Math.Max(highest, message.N);
        }
    }

    /// <summary>All readers see the same message at a place.</summary>
    private static IEnumerable<JournalFinding> Disagreements(JournalContents journal)
    {
        var places = new Dictionary<(string, int, long), string>();
        var seen = Ordered(journal).Select(s => (s.Topic, s.Partition, s.Offset, s.Id, s.Reader))
            .Concat(journal.Deliveries.Select(d => (d.Topic, d.Partition, d.Offset, d.Id, d.Reader)));
        foreach (var (topic, partition, offset, id, reader) in seen.Where(s => journal.Possible.Contains(new MessageName(s.Topic, s.Id))))
        {
            if (!places.TryAdd((topic, partition, offset), id) && places[(topic, partition, offset)] is var other && other != id)
            {
                yield return new JournalFinding(FindingKind.Reordered, $"{topic}:{id}",
                    $"is at {partition}/{offset} for {reader}, where another reader saw {other}");
            }
        }
    }

    /// <summary>The lines of final readings that have a place in an order.</summary>
    private static List<JournalEntry.Stored> Ordered(JournalContents journal)
    {
        var copies = journal.Stored.CountBy(s => (s.Reader, s.Topic, s.Id)).ToDictionary();
        return [.. journal.Stored.Where(s => copies[(s.Reader, s.Topic, s.Id)] == 1 && journal.Possible.Contains(new MessageName(s.Topic, s.Id)))];
    }
}
