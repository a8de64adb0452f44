namespace Trunkline.Messaging.Checking;

/// <summary>Checks of what is there: nothing lost, invented, duplicated, altered.</summary>
internal static class ContentChecks
{
    /// <summary>Every acknowledged message is in every final reading of its topic.</summary>
    public static IEnumerable<JournalFinding> Lost(JournalContents journal)
    {
        var read = journal.Stored.Select(s => (s.Reader, Name: new MessageName(s.Topic, s.Id))).ToHashSet();
        var readers = journal.Stored.Select(s => (s.Topic, s.Reader)).Distinct().ToLookup(r => r.Topic, r => r.Reader);
        foreach (var name in journal.Acknowledged)
        {
            if (!readers.Contains(name.Topic) || readers[name.Topic].Any(reader => !read.Contains((reader, name))))
            {
                yield return new JournalFinding(FindingKind.Lost, $"{name}", "was acknowledged, but is not in the log");
            }
        }
    }

    /// <summary>Whatever was seen was attempted, and not surely refused.</summary>
    public static IEnumerable<JournalFinding> Invented(JournalContents journal)
    {
        var ids = journal.Sent.Keys.Select(n => n.Id).ToHashSet();
        var seen = journal.Stored.Select(s => new MessageName(s.Topic, s.Id))
            .Concat(journal.Deliveries.Select(d => new MessageName(d.Topic, d.Id))).Distinct();
        foreach (var name in seen)
        {
            if (!journal.Sent.ContainsKey(name))
            {
                yield return new JournalFinding(FindingKind.Invented, $"{name}", "was seen, but never attempted");
            }
            else if (!journal.Possible.Contains(name))
            {
                yield return new JournalFinding(FindingKind.Invented, $"{name}", "was seen, but every attempt of it was refused");
            }
        }

        foreach (var effect in journal.Effects.Where(e => !ids.Contains(e.Id)).Distinct())
        {
            yield return new JournalFinding(FindingKind.Invented, $"{effect.Name}:{effect.Id}", "took effect, but no such message was attempted");
        }
    }

    /// <summary>Each message is once in each final reading, and each effect was once.</summary>
    public static IEnumerable<JournalFinding> Duplicated(JournalContents journal)
    {
        foreach (var copies in journal.Stored.GroupBy(s => (s.Reader, Name: new MessageName(s.Topic, s.Id))).Where(g => g.Count() > 1))
        {
            var places = string.Join(", ", copies.Take(5).Select(s => $"{s.Partition}/{s.Offset}"));
            yield return new JournalFinding(FindingKind.Duplicated, $"{copies.Key.Name}", $"is {copies.Count()} times in the log, at {places}");
        }

        foreach (var copies in journal.Effects.GroupBy(e => e).Where(g => g.Count() > 1))
        {
            yield return new JournalFinding(FindingKind.Duplicated, $"{copies.Key.Name}:{copies.Key.Id}", $"took effect {copies.Count()} times");
        }
    }

    /// <summary>Content is as it was sent, wherever and by whomever it was seen.</summary>
    public static IEnumerable<JournalFinding> Altered(JournalContents journal) =>
        journal.Stored.Select(s => (Name: new MessageName(s.Topic, s.Id), s.Hash, By: s.Reader))
            .Concat(journal.Deliveries.Select(d => (Name: new MessageName(d.Topic, d.Id), d.Hash, By: d.Reader)))
            .Where(seen => journal.Sent.TryGetValue(seen.Name, out var sent) && sent.Hash != seen.Hash)
            .Select(seen => new JournalFinding(FindingKind.Altered, $"{seen.Name}", $"has another content than was sent, as {seen.By} saw it"));
}
