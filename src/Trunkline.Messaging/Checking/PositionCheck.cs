namespace Trunkline.Messaging.Checking;

/// <summary>Checks of how far groups say they are. One finding per partition of a group: what follows the first is its echo.</summary>
internal static class PositionCheck
{
    public static IEnumerable<JournalFinding> Misplaced(JournalContents journal)
    {
        var offsets = journal.Stored.Select(s => (s.Topic, s.Partition, s.Offset))
            .Concat(journal.Deliveries.Select(d => (d.Topic, d.Partition, d.Offset))).Distinct()
            .ToLookup(s => (s.Topic, s.Partition), s => s.Offset);
        var groups = journal.Groups.GroupBy(e => e switch
        {
            JournalEntry.Delivery d => (d.Group, d.Topic, d.Partition),
            JournalEntry.GroupPosition p => (p.Group, p.Topic, p.Partition),
            _ => default,
        });
        return groups.Select(g => Check(g, [.. offsets[(g.Key.Topic, g.Key.Partition)].Order()])).OfType<JournalFinding>();
    }

    private static JournalFinding? Check(IGrouping<(string Group, string Topic, int Partition), JournalEntry> entries, long[] offsets)
    {
        var where = $"{entries.Key.Group} on {entries.Key.Topic}/{entries.Key.Partition}";
        var end = offsets.Length == 0 ? 0 : offsets[^1] + 1;
        var delivered = new HashSet<long>();
        var (checkedUntil, committed) = (0, 0L);
        foreach (var entry in entries)
        {
            if (entry is JournalEntry.Delivery delivery)
            {
                delivered.Add(delivery.Offset);
                continue;
            }

            var position = (JournalEntry.GroupPosition)entry;
            if (position.At == PositionMoment.Start)
            {
                checkedUntil = CountBelow(offsets, position.Next);
                continue;
            }

            if (position.Next > end)
            {
                return new JournalFinding(FindingKind.PositionAhead, where, $"stands at {position.Next}, but the end is {end}");
            }

            for (; checkedUntil < offsets.Length && offsets[checkedUntil] < position.Next; checkedUntil++)
            {
                if (!delivered.Contains(offsets[checkedUntil]))
                {
                    return new JournalFinding(FindingKind.PositionAhead, where, $"stands at {position.Next}, but was never given {offsets[checkedUntil]}");
                }
            }

            if (position.At == PositionMoment.Resumed && position.Next < committed)
            {
                return new JournalFinding(FindingKind.PositionBehind, where, $"resumed at {position.Next}, but had committed {committed}");
            }

            committed = Math.Max(committed, position.Next);
        }

        return null;
    }

    private static int CountBelow(long[] sorted, long offset)
    {
        var index = Array.BinarySearch(sorted, offset);
        return index < 0 ? ~index : index;
    }
}
