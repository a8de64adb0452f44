namespace Trunkline.Messaging.Checking;

/// <summary>
/// Judges a journal (<see cref="JournalEntry"/>): nothing lost, invented, doubled, reordered or altered, no group ahead of
/// its work. A fault is found by its own check and no other, so a verdict names faults and not their echoes. The journal is held
/// in memory, about 300 bytes per line.
/// </summary>
public static class JournalChecker
{
    /// <summary>The most findings listed of one kind; the rest are counted.</summary>
    public const int FindingsMax = 100;

    private static readonly Func<JournalContents, IEnumerable<JournalFinding>>[] Checks =
        [ContentChecks.Lost, ContentChecks.Invented, ContentChecks.Duplicated, ContentChecks.Altered, OrderCheck.Reordered, PositionCheck.Misplaced];

    /// <summary>Reads a journal to its end and judges it.</summary>
    /// <exception cref="JournalException">A line is no entry.</exception>
    public static async Task<JournalVerdict> CheckAsync(IAsyncEnumerable<JournalEntry> journal, CancellationToken cancellationToken)
    {
        var contents = await JournalContents.ReadAsync(journal, cancellationToken).ConfigureAwait(false);
        var findings = new List<JournalFinding>();
        var counts = new Dictionary<FindingKind, int>();
        foreach (var finding in Checks.SelectMany(check => check(contents)))
        {
            var count = counts[finding.Kind] = counts.GetValueOrDefault(finding.Kind) + 1;
            if (count <= FindingsMax)
            {
                findings.Add(finding);
            }
        }

        var stored = contents.Stored.Select(s => new MessageName(s.Topic, s.Id)).ToHashSet();
        var recovered = stored.Count(n => contents.Possible.Contains(n) && !contents.Acknowledged.Contains(n));
        return new JournalVerdict(findings, counts, contents.Sent.Count, contents.Acknowledged.Count, recovered, contents.Stored.Count);
    }
}
