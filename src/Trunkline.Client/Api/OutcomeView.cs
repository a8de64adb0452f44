using System.Text.Json.Serialization;

namespace Trunkline.Client.Api;

/// <summary>What became of messages.</summary>
/// <param name="Outcomes">One per message and flow; oldest first, or newest first where the newest of one outcome were asked for.</param>
public sealed record OutcomeList(IReadOnlyList<OutcomeView> Outcomes)
{
    /// <summary>What to ask for as <c>before</c> to look further back; null if all was looked through.</summary>
    public long? Before { get; init; }
}

/// <summary>What became of one message in one flow.</summary>
public sealed record OutcomeView
{
    /// <summary>The flow.</summary>
    public required string Flow { get; init; }

    /// <summary>Id of the message.</summary>
    public required string Id { get; init; }

    /// <summary>Its source; null if it had none.</summary>
    public string? Source { get; init; }

    /// <summary>Its key as text; null if it had none.</summary>
    public string? Key { get; init; }

    /// <summary>Its tenant; null if it had none.</summary>
    public string? Tenant { get; init; }

    /// <summary>Partition of the flow's source it stood in.</summary>
    public int Partition { get; init; }

    /// <summary>Offset it stood at.</summary>
    public long Offset { get; init; }

    /// <summary><c>delivered</c>, <c>filtered</c>, <c>dead-lettered</c>, <c>parked</c>, <c>shed</c> or <c>expired</c>.</summary>
    public required string State { get; init; }

    /// <summary>Code of the failure; null if there was none.</summary>
    public string? Cause { get; init; }

    /// <summary>The revision that worked on it.</summary>
    public int Revision { get; init; }

    /// <summary>Models that answered, <c>name=version</c>.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];

    /// <summary>How often it was tried; 0 if never.</summary>
    public int Attempts { get; init; }

    /// <summary>True if another model or way than the flow names gave the answer.</summary>
    public bool Degraded { get; init; }

    /// <summary>How often the flow delivered it: 1, unless it was doubled.</summary>
    public int Deliveries { get; init; }

    /// <summary>When it was appended to the flow's source.</summary>
    public DateTimeOffset AppendedAt { get; init; }

    /// <summary>When the flow was done with it.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>Per sink that got it.</summary>
    public IReadOnlyList<OutcomeSinkView> Sinks { get; init; } = [];

    /// <summary>What was told later, from outside.</summary>
    public IReadOnlyList<OutcomeFactView> Facts { get; init; } = [];
}

/// <summary>A sink's part in an outcome.</summary>
/// <param name="Sink">The sink.</param>
/// <param name="Receipt">The id the message has there: later facts may name it.</param>
/// <param name="State"><c>delivered</c>, <c>dead-lettered</c>, or <c>pending</c> while it waits to be sent.</param>
/// <param name="At">When the sink had it, or gave it up; null while it waits.</param>
/// <param name="Attempts">How often it was sent; 0 while it waits.</param>
/// <param name="Cause">Code of the failure; null if there was none.</param>
public sealed record OutcomeSinkView(string Sink, string Receipt, string State, DateTimeOffset? At, int Attempts, string? Cause);

/// <summary>A fact told later: it names its message by id, by a sink's receipt, or by key. Exactly one of the three.</summary>
public sealed record OutcomeFactView
{
    /// <summary>The fact's own id: a repeat of it changes nothing. Without one it is made of the other fields.</summary>
    public string? FactId { get; init; }

    /// <summary><c>delivered</c>, <c>bounced</c>, <c>read</c>, <c>rated</c>, <c>converted</c> or <c>label</c>.</summary>
    [JsonRequired]
    public required string Fact { get; init; }

    /// <summary>Id of the message.</summary>
    public string? Id { get; init; }

    /// <summary>Receipt of a sink.</summary>
    public string? Receipt { get; init; }

    /// <summary>Key of the messages.</summary>
    public string? Key { get; init; }

    /// <summary>When it happened; null for now.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>A number, such as a rating; <c>rated</c> needs it.</summary>
    public double? Value { get; init; }

    /// <summary>A word about it; <c>label</c> needs it.</summary>
    public string? Label { get; init; }
}

/// <summary>What came of telling facts.</summary>
/// <param name="Facts">In the order they were told.</param>
public sealed record ToldFacts(IReadOnlyList<ToldFact> Facts);

/// <summary>One fact as the node keeps it.</summary>
/// <param name="FactId">Its id.</param>
/// <param name="Duplicate">True if it was told before.</param>
public sealed record ToldFact(string FactId, bool Duplicate);
