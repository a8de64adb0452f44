using System.Text.Json;

namespace Trunkline.Cli.Demo.Failure;

/// <summary>What <c>trunkline demo failure --json</c> prints; names and shape are fixed for the outside world.</summary>
internal sealed record FailureReport
{
    private static readonly JsonSerializerOptions s_options = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>Mails that went in.</summary>
    public required int In { get; init; }

    /// <summary>Conversations they belong to; each is a key.</summary>
    public required int Conversations { get; init; }

    /// <summary>How it stood while the sink was dead and the poison mail undone.</summary>
    public required FailureStanding Before { get; init; }

    /// <summary>How it stood in the end.</summary>
    public required FailureStanding After { get; init; }

    /// <summary>What came of redriving the poison mail once the flow was mended.</summary>
    public required string Redrive { get; init; }

    /// <summary>What came of asking for it once more.</summary>
    public required string RedriveAgain { get; init; }

    /// <summary>What the topic holds in the end.</summary>
    public required FailureArrivals Topic { get; init; }

    /// <summary>What the sink took in the end.</summary>
    public required FailureArrivals Sink { get; init; }

    /// <summary>Whether every mail arrived everywhere once, in order.</summary>
    public bool AddsUp => IsWhole(Topic) && IsWhole(Sink) && After is { DeadLetters: 0, ParkedKeys: 0 };

    /// <summary>The report as one line of JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, s_options);

    private bool IsWhole(FailureArrivals arrivals) => arrivals == new FailureArrivals(In, 0, 0, 0);
}

/// <summary>How the flow stands at a moment.</summary>
/// <param name="DeadLetters">Open dead letters.</param>
/// <param name="ParkedKeys">Keys that wait for an operator.</param>
/// <param name="Waiting">Mails that wait behind them, the failed one included.</param>
/// <param name="InTopic">Mails in the topic.</param>
/// <param name="AtSink">Mails the sink took.</param>
/// <param name="Refused">Calls the sink refused.</param>
/// <param name="Fidelity">Share of mails delivered once, in order, as far as is known at that moment; null if nothing is.</param>
internal sealed record FailureStanding(long DeadLetters, int ParkedKeys, int Waiting, int InTopic, int AtSink, int Refused, double? Fidelity);

/// <summary>Mails that arrived at one place.</summary>
/// <param name="Once">Different mails.</param>
/// <param name="Missing">Mails that did not arrive.</param>
/// <param name="Doubled">Arrivals beyond the first of a mail.</param>
/// <param name="OutOfOrder">Arrivals after a later one of the conversation.</param>
internal sealed record FailureArrivals(int Once, int Missing, int Doubled, int OutOfOrder)
{
    /// <summary>Counts arrivals, in order.</summary>
    public static FailureArrivals Of(IReadOnlyList<(string Conversation, int Number)> arrived, int expected)
    {
        var last = new Dictionary<string, int>(StringComparer.Ordinal);
        var outOfOrder = 0;
        foreach (var (conversation, number) in arrived)
        {
            var before = last.GetValueOrDefault(conversation, -1);
            outOfOrder += number < before ? 1 : 0;
            last[conversation] = Math.Max(before, number);
        }

        var once = arrived.Distinct().Count();
        return new FailureArrivals(once, expected - once, arrived.Count - once, outOfOrder);
    }
}
