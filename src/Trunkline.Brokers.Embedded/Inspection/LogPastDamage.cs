using System.Globalization;
using Trunkline.Brokers.Embedded.Storage;

namespace Trunkline.Brokers.Embedded.Inspection;

/// <summary>
/// Whether the changes behind a damaged one of the log may be taken. Each is whole by itself, and sets what it writes to whole values. So those that only add messages
/// lack nothing but what is lost; but a position, a state or a sequence that goes on behind the lost change passes over what that change did for it, and then
/// nothing does it again.
/// </summary>
internal static class LogPastDamage
{
    /// <summary>Looks behind the damage, and tells what is lost and what comes of what is behind it.</summary>
    /// <param name="directory">Where the log is.</param>
    /// <param name="store">The store as of the change before the damage.</param>
    /// <param name="asked">Whether it is to be taken in any case.</param>
    /// <param name="findings">What is told.</param>
    public static bool MayBeTaken(string directory, Store store, bool asked, List<StoreFinding> findings)
    {
        var topics = StoreContents.Read(store, []).Topics.ToDictionary(topic => topic.Key, topic => topic.Value.Name);
        var (behind, lost, areRead) = (new ChangeContents(store, topics), new ChangeContents(store, topics), true);
        var past = CommitReplay.RunPast(directory, store.OpenedAt, change => areRead &= behind.Add(change));
        if (past.Taken == 0)
        {
            return false;
        }

        foreach (var number in past.Lost)
        {
            lost.Add(CommitReplay.Unproved(directory, number));
        }

        var isSafe = areRead && behind.Progress.Count == 0;
        var goesOn = behind.Progress.Count > 0 ? $"go on from it: {Listed(behind.Progress)}" : "cannot all be understood";
        findings.Add(StoreFinding.OfStore(StoreFindingKind.ChangesLost, Lost(past, lost) + (isSafe, asked) switch
        {
            (true, _) => $"The {past.Taken} behind, which are whole, are taken: they only add messages.",
            (false, true) => $"The {past.Taken} behind, which are whole, are taken as asked, though they {goesOn}. What was lost for these is not done again.",
            _ => $"The {past.Taken} behind, which are whole, are left out: they {goesOn}. A repair past damage takes them; what was lost for these is then not done again.",
        }));
        return isSafe || asked;
    }

    private static string Lost(CommitReplay.Past past, ChangeContents lost)
    {
        var held = string.Join(", ", lost.Messages.Concat(lost.Progress));
        return string.Create(CultureInfo.InvariantCulture, $"Lost of the log: {(past.Lost.Count == 1 ? "change" : "changes")} {string.Join(", ", Ranges(past.Lost))}{(held.Length == 0 ? "" : $", which held as far as it can be read: {held}")}. ");
    }

    private static IEnumerable<string> Ranges(IReadOnlyList<ulong> numbers)
    {
        for (int first = 0, i = 1; i <= numbers.Count; i++)
        {
            if (i == numbers.Count || numbers[i] != numbers[i - 1] + 1)
            {
                yield return i - first == 1 ? FormattableString.Invariant($"{numbers[first]}") : FormattableString.Invariant($"{numbers[first]} to {numbers[i - 1]}");
                first = i;
            }
        }
    }

    private static string Listed(IReadOnlyCollection<string> names)
    {
        const int NamesMax = 40;
        return string.Join(", ", names.Take(NamesMax)) + (names.Count > NamesMax ? $" and {names.Count - NamesMax} more" : "");
    }
}
