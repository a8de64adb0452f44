using System.Text.Json.Serialization;

namespace Trunkline.Server.Outcomes;

/// <summary>What was told from outside about a message after it was sent: stored as JSON in <see cref="OutcomeTopics.Facts"/>, its id as the message's.</summary>
/// <param name="Id">Its own id: a repeat of it changes nothing.</param>
/// <param name="Fact">One of <see cref="LaterFacts.Kinds"/>.</param>
/// <param name="MessageId">Id of the message it is about; null if it names a receipt or a key.</param>
/// <param name="Receipt">Receipt of a sink; null if it names something else.</param>
/// <param name="Key">Key of the messages it is about; null if it names something else.</param>
/// <param name="At">When it happened.</param>
/// <param name="Value">A number, such as a rating; null for none.</param>
/// <param name="Label">A label or a word about it; null for none.</param>
internal sealed record LaterFact(
    string Id, string Fact, string? MessageId, string? Receipt, string? Key, DateTimeOffset At, double? Value, string? Label);

/// <summary>How many facts of a kind were told, and what numbers they told.</summary>
/// <param name="Facts">How many.</param>
/// <param name="Valued">How many of them told a number.</param>
/// <param name="Sum">The sum of these numbers.</param>
internal readonly record struct FactTally(long Facts, long Valued, double Sum)
{
    public FactTally Plus(FactTally other) => new(Facts + other.Facts, Valued + other.Valued, Sum + other.Sum);
}

/// <summary>Which facts are listed.</summary>
/// <param name="Fact">Their kind.</param>
/// <param name="Since">Told at this time or later.</param>
/// <param name="Before">Where to look further back; null for the newest.</param>
/// <param name="Limit">How many at most.</param>
internal sealed record FactListing(string Fact, DateTimeOffset Since, long? Before, int Limit);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LaterFact))]
internal sealed partial class LaterFactJson : JsonSerializerContext;
