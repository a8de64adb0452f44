using System.Text;
using Trunkline.Messaging.Checking;

namespace Trunkline.Messaging.Tests.Checking;

/// <summary>
/// A journal without a fault: 60 messages of 6 keys over 2 partitions, redeliveries, a change of members, a refused message,
/// one of unknown outcome that is there and one that is not.
/// </summary>
internal static class SoundJournal
{
    public static List<JournalEntry> Create()
    {
        var journal = new List<JournalEntry>();
        var next = new long[2];
        for (var i = 0; i < 60; i++)
        {
            var (id, key, partition) = ($"m{i}", $"k{i % 6}", i % 2);
            journal.Add(new JournalEntry.Attempt(id, "in", key, i / 6, $"hash-{i}"));
            if (i is not (17 or 29))
            {
                journal.Add(new JournalEntry.Outcome(id, "in", i == 40 ? AttemptResult.Fail : AttemptResult.Ok));
            }

            // 17 is unknown and stored, 29 unknown and not stored, 40 refused.
            if (i is not (29 or 40))
            {
                journal.Add(new JournalEntry.Stored("replay", "in", partition, next[partition]++, id, $"hash-{i}"));
                journal.Add(new JournalEntry.Effect("webhook", id));
            }
        }

        journal.AddRange([.. journal.OfType<JournalEntry.Stored>().GroupBy(s => s.Partition).SelectMany(Consume)]);
        return journal;
    }

    /// <summary>Member 1 works up to offset 15, commits 10 and dies; member 2 resumes there.</summary>
    private static IEnumerable<JournalEntry> Consume(IGrouping<int, JournalEntry.Stored> partition)
    {
        foreach (var stored in partition.Take(16))
        {
            yield return Delivery("1", stored);
            if (stored.Offset == 9)
            {
                yield return new JournalEntry.GroupPosition("g", "in", partition.Key, 10, PositionMoment.Committed);
            }
        }

        yield return new JournalEntry.GroupPosition("g", "in", partition.Key, 10, PositionMoment.Resumed);
        foreach (var stored in partition.Skip(10))
        {
            yield return Delivery("2", stored);
        }

        yield return new JournalEntry.GroupPosition("g", "in", partition.Key, partition.Count(), PositionMoment.Committed);
    }

    public static JournalEntry.Delivery Delivery(string reader, JournalEntry.Stored stored) =>
        new(reader, "g", stored.Topic, stored.Partition, stored.Offset, stored.Id, stored.Hash);

    public static async Task<JournalVerdict> JudgeAsync(IEnumerable<JournalEntry> journal)
    {
        // Through its text, so that the format is judged too.
        var text = string.Concat(journal.Select(e => Journal.ToLine(e) + "\n"));
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text));
        return await JournalChecker.CheckAsync(Journal.ReadAsync(stream, TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
    }
}
