using Trunkline.Client;
using Trunkline.Client.Api;

namespace Trunkline.Dashboard.Data;

/// <summary>Finds the page on what a word names: a trace, a message by its id or receipt, the messages of a key, a flow, or a topic.</summary>
internal sealed class Search(TrunklineClient client, TimeProvider clock)
{
    private const int TraceDigits = 32;

    /// <summary>The address of the page on it; null if nothing is known by that name.</summary>
    public async Task<string?> FindAsync(string value, CancellationToken cancellationToken)
    {
        if (IsTrace(value) && await TraceAsync(value.ToLowerInvariant(), cancellationToken) is { } trace)
        {
            return trace;
        }

        foreach (var by in JourneyQuery.Tried)
        {
            if (await IsThereAsync(() => client.GetJourneysAsync(by, value, cancellationToken)))
            {
                return new JourneyQuery(by, value).Address;
            }
        }

        return await IsThereAsync(() => client.GetFlowAsync(value, cancellationToken)) ? $"/flows/{Uri.EscapeDataString(value)}"
            : await IsThereAsync(() => client.GetTopicAsync(value, cancellationToken)) ? $"/topics/{Uri.EscapeDataString(value)}"
            : null;
    }

    /// <summary>What the page says when it was not found, or nothing was asked for.</summary>
    public async Task<SearchBoard> ShowAsync(string value, string? trouble, CancellationToken cancellationToken) =>
        new(clock.GetUtcNow(), value, await Loading.TryAsync(() => client.GetNodeAsync(cancellationToken)), trouble);

    /// <summary>A trace that is kept, or one that only log lines tell of.</summary>
    private async Task<string?> TraceAsync(string trace, CancellationToken cancellationToken)
    {
        if (await IsThereAsync(() => client.Traces.GetAsync(trace, cancellationToken)))
        {
            return $"/traces/{trace}";
        }

        var question = new LogQuestion { Trace = trace };
        return (await client.Logs.FindAsync(question, 1, null, cancellationToken)).Lines.Count > 0 ? LogBoard.Address(question) : null;
    }

    private static bool IsTrace(string value) => value.Length == TraceDigits && value.All(char.IsAsciiHexDigit);

    private static async Task<bool> IsThereAsync<T>(Func<Task<T>> read)
    {
        try
        {
            await read();
            return true;
        }
        catch (TrunklineException none) when (none.Status is 404 or 400)
        {
            // Not there, or no name such a thing could have.
            return false;
        }
    }
}

/// <summary>What the page of a search shows.</summary>
/// <param name="Now">When it was looked for.</param>
/// <param name="Value">What; empty for nothing yet.</param>
/// <param name="Node">What the node is.</param>
/// <param name="Trouble">Why it could not be looked for; null if it could.</param>
public sealed record SearchBoard(DateTimeOffset Now, string Value, Loaded<NodeView> Node, string? Trouble);
