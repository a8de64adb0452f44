using System.Globalization;
using Trunkline.Messaging;
using Trunkline.Server.Steps;

namespace Trunkline.Server.FlowTests;

/// <summary>What came of a test.</summary>
internal sealed record FlowTestResult
{
    /// <summary>False if messages still wait for something that no passing of time brings.</summary>
    public required bool Settled { get; init; }

    /// <summary>The last result of each message, by id.</summary>
    public required IReadOnlyDictionary<string, PipelineResult> Results { get; init; }

    /// <summary>What each sink took, in order.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<StoredMessage>> Sinks { get; init; }

    /// <summary>The dead letters of the flow and its sinks.</summary>
    public required IReadOnlyList<StoredMessage> Dead { get; init; }

    public required MessageOrigins Origins { get; init; }

    /// <summary>Who was asked and had no answer: <c>model: reply</c>.</summary>
    public required IReadOnlyCollection<string> Unanswered { get; init; }

    /// <summary>The test's own faults that never happened.</summary>
    public required IReadOnlyList<EffectRule> Unused { get; init; }

    /// <summary>Time passed on the flow's clock.</summary>
    public required TimeSpan FlowTime { get; init; }

    /// <summary>What became of a message, as tests write it.</summary>
    public string OutcomeOf(string id)
    {
        if (Dead.Any(dead => dead.Message.Id.Value == id))
        {
            return FlowTestOutcome.Dead;
        }

        return Results.GetValueOrDefault(id) switch
        {
            PipelineResult.Delivered delivered => FlowTestOutcome.OfBranch(delivered.Branch),
            PipelineResult.Filtered => FlowTestOutcome.Filtered,
            _ => FlowTestOutcome.Waiting,
        };
    }
}

/// <summary>Finds the message of the test that an output or dead letter was made of, by the position it names.</summary>
internal sealed class MessageOrigins(string topic, IReadOnlyList<Message> sent, IReadOnlyDictionary<string, IReadOnlyList<StoredMessage>> outboxes)
{
    /// <summary>Its id; null if it cannot be told.</summary>
    public string? Of(Message message)
    {
        // Topic names hold no slash: topic, partition, offset.
        var parts = message.Headers.Text(HeaderNames.Position)?.Split('/');
        if (parts is not [var from, _, var last] || !int.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out var offset))
        {
            return null;
        }

        if (from == topic)
        {
            return offset < sent.Count ? sent[offset].Id.Value : null;
        }

        return outboxes.TryGetValue(from, out var outbox) && outbox.FirstOrDefault(m => m.Position.Offset == offset) is { Message: { } waited } ? Of(waited) : null;
    }

    /// <summary>The key a message of the test was sent with; null for none.</summary>
    public string? KeyOf(string id) => sent.First(m => m.Id.Value == id).Key?.ToString();
}
