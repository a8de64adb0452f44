using System.Text;
using Trunkline.Client.Api;
using Trunkline.Core.Config;
using Trunkline.Core.Errors;
using Trunkline.Messaging;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Outcomes;

namespace Trunkline.Server.Api;

/// <summary>How outcomes are asked for and told over the API.</summary>
internal static class OutcomeShapes
{
    private static readonly TimeSpan SinceMin = TimeSpan.FromMinutes(1);

    /// <summary>What a question names: exactly one of the three.</summary>
    /// <exception cref="ProblemException">It names none, or more than one.</exception>
    public static OutcomeWanted Wanted(string? id, string? receipt, string? key)
    {
        if (new[] { id, key, receipt }.Count(text => !string.IsNullOrEmpty(text)) != 1)
        {
            throw new ProblemException(ErrorCodes.RequestParameterInvalid, "Name exactly one of id, receipt and key.");
        }

        return string.IsNullOrEmpty(key) ? OutcomeWanted.Id(string.IsNullOrEmpty(id) ? receipt! : id) : OutcomeWanted.Key(MessageKey.FromText(key));
    }

    /// <summary>From when on to look, for a question that says how far back.</summary>
    /// <exception cref="ProblemException">It is no duration, or longer than outcomes are kept.</exception>
    public static DateTimeOffset Since(string since, DateTimeOffset now) =>
        DurationText.TryParse(since, out var span) && span >= SinceMin && span <= FidelityTally.Window ? now - span
            : throw new ProblemException(ErrorCodes.RequestParameterInvalid, $"since is a duration from {DurationText.Format(SinceMin)} to {DurationText.Format(FidelityTally.Window)}, such as 24h.");

    /// <summary>The state a word names.</summary>
    /// <exception cref="ProblemException">It names none.</exception>
    public static OutcomeState State(string? word)
    {
        foreach (var state in Enum.GetValues<OutcomeState>())
        {
            if (Word(state) == word)
            {
                return state;
            }
        }

        throw new ProblemException(ErrorCodes.RequestParameterInvalid, $"state is one of {string.Join(", ", Enum.GetValues<OutcomeState>().Select(Word))}.");
    }

    /// <summary>What the API says of an outcome.</summary>
    public static OutcomeView Of(Outcome outcome)
    {
        var row = outcome.Row;
        return new OutcomeView
        {
            Flow = outcome.Flow,
            Id = Encoding.UTF8.GetString(row.Id.Span),
            Source = NullIfEmpty(row.Context.Source),
            Key = row.Key is { } key ? Encoding.UTF8.GetString(key.Span) : null,
            Tenant = NullIfEmpty(row.Context.Tenant),
            Partition = row.Partition,
            Offset = row.Offset,
            State = Word(row.State),
            Cause = row.Cause,
            Revision = row.Context.Revision,
            Models = row.Context.Models,
            Attempts = row.Attempts,
            Degraded = row.Degraded,
            Deliveries = outcome.Deliveries,
            AppendedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.AppendedAtMilliseconds),
            At = outcome.At,
            Sinks = [.. outcome.Sinks.Select(sink => new OutcomeSinkView(
                sink.Sink, sink.Receipt, sink.State is { } state ? Word(state) : "pending", sink.At, sink.Attempts, sink.Cause))],
            Facts = [.. outcome.Facts.Select(Of)],
        };
    }

    /// <summary>What the API says of a fact.</summary>
    public static OutcomeFactView Of(LaterFact fact) => new()
    {
        FactId = fact.Id,
        Fact = fact.Fact,
        Id = fact.MessageId,
        Receipt = fact.Receipt,
        Key = fact.Key,
        At = fact.At,
        Value = fact.Value,
        Label = fact.Label,
    };

    /// <summary>A state as the API names it.</summary>
    public static string Word(OutcomeState state) => state == OutcomeState.DeadLettered ? "dead-lettered" : state.ToString().ToLowerInvariant();

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
