using Trunkline.Server.Flows.Redrives;

namespace Trunkline.Server.DeadLetters;

/// <summary>Open dead letters of one cause.</summary>
/// <param name="Flow">The flow.</param>
/// <param name="Cause">The code.</param>
/// <param name="Step">The step or sink.</param>
/// <param name="Exception">The type of the exception, if there was one.</param>
internal sealed record DeadLetterGroup(string Flow, string Cause, string? Step, string? Exception)
{
    public long Count { get; private set; }

    /// <summary>When the first of them failed for good.</summary>
    public DateTimeOffset First { get; private set; } = DateTimeOffset.MaxValue;

    /// <summary>When the last did.</summary>
    public DateTimeOffset Last { get; private set; } = DateTimeOffset.MinValue;

    /// <summary>The last one, as an example.</summary>
    public LetterPlace Example { get; private set; }

    /// <summary>What happened to the last one, for people.</summary>
    public string? Detail { get; private set; }

    public void Add(DeadLetterRecord letter)
    {
        Count++;
        var at = letter.FailedAt;
        First = at < First ? at : First;
        if (at >= Last)
        {
            (Last, Example, Detail) = (at, letter.Place, letter.Detail);
        }
    }
}

/// <summary>Groups open dead letters by cause.</summary>
internal static class DeadLetterGrouping
{
    /// <summary>Groups kept apart; what comes beyond is counted together under <c>other</c>.</summary>
    public const int GroupsMax = 200;

    /// <summary>The groups, largest first.</summary>
    public static async Task<IReadOnlyList<DeadLetterGroup>> OfAsync(
        IAsyncEnumerable<DeadLetterRecord> letters, DeadLetterFilter filter, CancellationToken cancellationToken)
    {
        var groups = new Dictionary<(string, string, string?, string?), DeadLetterGroup>();
        await foreach (var letter in letters.WithCancellation(cancellationToken))
        {
            if (letter.Mark is not null || !filter.Fits(letter))
            {
                continue;
            }

            var key = (letter.Flow, letter.Cause, letter.Step, letter.ExceptionType);
            if (!groups.TryGetValue(key, out var group))
            {
                key = groups.Count < GroupsMax ? key : (letter.Flow, "other", null, null);
                group = groups.GetValueOrDefault(key) ?? new DeadLetterGroup(key.Item1, key.Item2, key.Item3, key.Item4);
                groups[key] = group;
            }

            group.Add(letter);
        }

        return [.. groups.Values.OrderByDescending(g => g.Count).ThenBy(g => g.Flow, StringComparer.Ordinal).ThenBy(g => g.Cause, StringComparer.Ordinal)];
    }
}
