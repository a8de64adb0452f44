using Trunkline.Client;
using Trunkline.Client.Api;

namespace Trunkline.Dashboard.Data;

/// <summary>Reads the pages on dead letters through the node's API.</summary>
internal sealed class DeadLetterLoader(TrunklineClient client, TimeProvider clock)
{
    private const int LettersShown = 50;
    private const int RedrivesShown = 10;

    /// <summary>Parked keys are told flow by flow; beyond so many they are shown for the flow asked for only.</summary>
    private const int FlowsMax = 50;
    private const int CallsAtOnce = 4;

    public async Task<DeadLetterBoard> LoadAsync(DeadLetterQuery query, CancellationToken cancellationToken)
    {
        var (now, letters) = (clock.GetUtcNow(), client.DeadLetters);
        var selection = query.Selection(now);
        var node = Loading.TryAsync(() => client.GetNodeAsync(cancellationToken));
        var groups = Loading.TryAsync(() => letters.GroupAsync(query.Flow, selection, cancellationToken));
        var page = Loading.TryAsync(() => query.Next is { } next
            ? letters.NextAsync(new DeadLetterPage([], next, 0), cancellationToken)
            : letters.ListAsync(query.Flow, selection, "open", LettersShown, cancellationToken));
        var redrives = Loading.TryAsync<IReadOnlyList<RedriveView>>(async () => [.. (await letters.ListRedrivesAsync(cancellationToken)).Redrives.Take(RedrivesShown)]);
        var flows = await Loading.TryAsync<IReadOnlyList<string>>(async () => [.. (await client.ListFlowsAsync(cancellationToken)).Flows.Select(flow => flow.Name)]);
        var parked = Loading.TryAsync(() => ParkedAsync(query.Flow is { } only ? [only] : [.. (flows.Value ?? []).Take(FlowsMax)], cancellationToken));
        return new DeadLetterBoard
        {
            Now = now,
            Query = query,
            Node = await node,
            Flows = flows.Value ?? [],
            Groups = await groups,
            Page = await page,
            Parked = await parked,
            Redrives = await redrives,
        };
    }

    /// <summary>One dead letter; its payload too if whoever looks may operate.</summary>
    public async Task<LetterBoard> LoadAsync(string flow, int partition, long offset, CancellationToken cancellationToken)
    {
        var node = Loading.TryAsync(() => client.GetNodeAsync(cancellationToken));
        var masked = false;
        var letter = await Loading.TryAsync(async () =>
        {
            try
            {
                return await client.DeadLetters.ShowAsync(flow, partition, offset, withPayload: true, cancellationToken);
            }
            catch (TrunklineException refused) when (refused.Status == 403)
            {
                masked = true;
                return await client.DeadLetters.ShowAsync(flow, partition, offset, withPayload: false, cancellationToken);
            }
        });
        return new LetterBoard(clock.GetUtcNow(), await node, new LetterName(flow, partition, offset), letter, masked);
    }

    private async Task<IReadOnlyList<(string Flow, ParkedKeyView Key)>> ParkedAsync(string[] flows, CancellationToken cancellationToken)
    {
        var lists = new IReadOnlyList<ParkedKeyView>[flows.Length];
        var options = new ParallelOptions { MaxDegreeOfParallelism = CallsAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, flows.Length, options, async (i, token) => lists[i] = (await client.DeadLetters.ListParkedAsync(flows[i], token)).Keys);
        return [.. flows.SelectMany((flow, i) => lists[i].Select(key => (flow, key)))];
    }
}

/// <summary>All that the page on dead letters shows, read at one moment.</summary>
public sealed record DeadLetterBoard
{
    /// <summary>When it was read.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>What was asked for.</summary>
    public required DeadLetterQuery Query { get; init; }

    /// <summary>What the node is.</summary>
    public required Loaded<NodeView> Node { get; init; }

    /// <summary>Names of the flows there are.</summary>
    public required IReadOnlyList<string> Flows { get; init; }

    /// <summary>By cause.</summary>
    public required Loaded<DeadLetterGroupList> Groups { get; init; }

    /// <summary>One by one.</summary>
    public required Loaded<DeadLetterPage> Page { get; init; }

    /// <summary>Keys that wait, with their flows.</summary>
    public required Loaded<IReadOnlyList<(string Flow, ParkedKeyView Key)>> Parked { get; init; }

    /// <summary>Redrives in the background, the newest.</summary>
    public required Loaded<IReadOnlyList<RedriveView>> Redrives { get; init; }

    /// <summary>What came of the form that was sent; null if none was.</summary>
    public Notice? Notice { get; init; }
}

/// <summary>One dead letter, read at one moment.</summary>
/// <param name="Now">When it was read.</param>
/// <param name="Node">What the node is.</param>
/// <param name="Name">Which.</param>
/// <param name="Letter">The dead letter.</param>
/// <param name="IsMasked">Whether its payload is not told, because whoever looks may not operate.</param>
public sealed record LetterBoard(DateTimeOffset Now, Loaded<NodeView> Node, LetterName Name, Loaded<DeadLetterView> Letter, bool IsMasked)
{
    /// <summary>The trace a trace context names; null if it names none.</summary>
    /// <param name="context">A <c>traceparent</c>, as dead letters keep it.</param>
    public static string? TraceOf(string? context) => context?.Split('-') is [_, { Length: 32 } trace, ..] && trace.All(char.IsAsciiHexDigit) ? trace : null;

    /// <summary>What came of the form that was sent; null if none was.</summary>
    public Notice? Notice { get; init; }

    /// <summary>What was typed in place of the payload, if that was refused.</summary>
    public string? Typed { get; init; }
}

/// <summary>What a dead letter is named by.</summary>
/// <param name="Flow">The flow.</param>
/// <param name="Partition">Partition in the topic of its dead letters.</param>
/// <param name="Offset">Offset there.</param>
public sealed record LetterName(string Flow, int Partition, long Offset)
{
    /// <summary>The page that shows it.</summary>
    public string Address => FormattableString.Invariant($"/dead/{Uri.EscapeDataString(Flow)}/{Partition}/{Offset}");

    /// <summary>As the command line takes it.</summary>
    public string Arguments => FormattableString.Invariant($"{ShellText.Quote(Flow)} {Partition}/{Offset}");
}

/// <summary>What came of a form.</summary>
/// <param name="Text">For people.</param>
/// <param name="IsTrouble">Whether it was not done.</param>
public sealed record Notice(string Text, bool IsTrouble = false);
