using System.Globalization;
using Trunkline.Client;
using Trunkline.Client.Api;

namespace Trunkline.Dashboard.Data;

/// <summary>Reads the page on outcomes through the node's API.</summary>
internal sealed class OutcomeLoader(TrunklineClient client, TimeProvider clock)
{
    public async Task<OutcomeBoard> LoadAsync(OutcomeAsked asked, CancellationToken cancellationToken)
    {
        var node = Loading.TryAsync(() => client.GetNodeAsync(cancellationToken));
        var counts = Loading.TryAsync(() => client.Outcomes.CountAsync(asked.Flow, asked.Since, cancellationToken));
        var flows = Loading.TryAsync<IReadOnlyList<string>>(async () => [.. (await client.ListFlowsAsync(cancellationToken)).Flows.Select(flow => flow.Name)]);
        var messages = asked is { Flow: { } flow, State: { } state }
            ? Loading.TryAsync(() => client.Outcomes.ListAsync(flow, asked.Question(state), cancellationToken))
            : Task.FromResult(new Loaded<OutcomeList>(null, null));
        var facts = asked.Fact is { } fact
            ? Loading.TryAsync(() => client.Outcomes.ListFactsAsync(fact, asked.Since, asked.Before, cancellationToken))
            : Task.FromResult(new Loaded<FactList>(null, null));
        return new OutcomeBoard(clock.GetUtcNow(), asked, await node, await counts) { Flows = (await flows).Value ?? [], Messages = await messages, Facts = await facts };
    }
}

/// <summary>Which outcomes the page is asked for; all of it is in its address. What is empty or not known asks for nothing.</summary>
public sealed record OutcomeAsked
{
    /// <summary>How far back, by name; the first is what is shown when none is asked for.</summary>
    public static IReadOnlyList<string> Ages { get; } = ["24h", "1h", "7d"];

    /// <summary>The flow; null for all.</summary>
    public string? Flow { get; init; }

    /// <summary>One of <see cref="Ages"/>.</summary>
    public string Since { get; init; } = Ages[0];

    /// <summary>The outcome whose messages are listed; null for none.</summary>
    public string? State { get; init; }

    /// <summary>Only those of this cause.</summary>
    public string? Cause { get; init; }

    /// <summary>Only those this sink gave up.</summary>
    public string? Sink { get; init; }

    /// <summary>The kind of later facts that are listed; null for none.</summary>
    public string? Fact { get; init; }

    /// <summary>Where to look further back; null for the newest.</summary>
    public long? Before { get; init; }

    /// <summary>Reads a query string.</summary>
    /// <param name="value">The value of a name.</param>
    public static OutcomeAsked Read(Func<string, string?> value)
    {
        ArgumentNullException.ThrowIfNull(value);
        string? Text(string name) => value(name) is { } text && text.Trim() is { Length: > 0 } trimmed ? trimmed : null;
        return new OutcomeAsked
        {
            Flow = Text("flow"),
            Since = Ages.FirstOrDefault(age => age == value("since")) ?? Ages[0],
            State = Text("state"),
            Cause = Text("cause"),
            Sink = Text("sink"),
            Fact = Text("fact"),
            Before = long.TryParse(value("before"), NumberStyles.None, CultureInfo.InvariantCulture, out var before) ? before : null,
        };
    }

    /// <summary>The page that shows it.</summary>
    public string Address
    {
        get
        {
            var query = QueryString.Empty;
            foreach (var (name, text) in Parts)
            {
                query = text is null ? query : query.Add(name, text);
            }

            return "/outcomes" + query.ToUriComponent();
        }
    }

    /// <summary>The command that shows the same.</summary>
    public string Command => "trunkline outcomes" + (Flow is null ? "" : " " + ShellText.Quote(Flow))
        + string.Concat(Parts.Where(part => part.Name != "flow" && part.Text is not null).Select(part => $" --{part.Name} {ShellText.Quote(part.Text!)}"));

    private IEnumerable<(string Name, string? Text)> Parts =>
    [
        ("flow", Flow), ("since", Since == Ages[0] ? null : Since), ("state", State), ("cause", Cause), ("sink", Sink), ("fact", Fact),
        ("before", Before?.ToString(CultureInfo.InvariantCulture)),
    ];

    /// <summary>As the API takes it.</summary>
    internal OutcomeQuestion Question(string state) => new(state) { Cause = Cause, Sink = Sink, Since = Since, Before = Before };
}

/// <summary>All that the page on outcomes shows, read at one moment.</summary>
/// <param name="Now">When it was read.</param>
/// <param name="Asked">What was asked for.</param>
/// <param name="Node">What the node is.</param>
/// <param name="Counts">By flow, outcome and cause.</param>
public sealed record OutcomeBoard(DateTimeOffset Now, OutcomeAsked Asked, Loaded<NodeView> Node, Loaded<OutcomeCounts> Counts)
{
    /// <summary>Names of the flows there are.</summary>
    public IReadOnlyList<string> Flows { get; init; } = [];

    /// <summary>The messages of the outcome that was asked for.</summary>
    public Loaded<OutcomeList> Messages { get; init; } = new(null, null);

    /// <summary>The facts that were asked for.</summary>
    public Loaded<FactList> Facts { get; init; } = new(null, null);
}
