using System.Globalization;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Outcomes.Journeys;

/// <summary>
/// Follows messages from flow to flow by what is written down anyway: an output names the place of the message it was made from, and its id is
/// the receipt of the sink that got it. One question; not thread-safe.
/// </summary>
/// <param name="outcomes">What became of messages in each flow.</param>
/// <param name="broker">Where the messages themselves stand.</param>
/// <param name="topics">The topic each running flow reads.</param>
internal sealed class JourneyFinder(OutcomeViews outcomes, IBroker broker, IReadOnlyDictionary<string, string> topics)
{
    /// <summary>Flows a message is followed through: a loop of flows must end.</summary>
    public const int DepthMax = 32;

    /// <summary>Hops of one journey.</summary>
    public const int HopsMax = 200;

    private readonly HashSet<(string Flow, int Partition, long Offset)> _seen = [];

    /// <summary>The journeys of the messages that are wanted, each told once, oldest first.</summary>
    public async Task<IReadOnlyList<Journey>> FindAsync(OutcomeWanted wanted, int limit, CancellationToken cancellationToken)
    {
        var journeys = new List<Journey>();
        foreach (var found in await outcomes.FindAsync(new OutcomeQuery(wanted, null, limit), cancellationToken))
        {
            if (_seen.Contains(PlaceOf(found)))
            {
                continue;
            }

            var hops = new List<JourneyHop>();
            var whole = await DescendAsync(await OriginAsync(found, cancellationToken), hops, 0, cancellationToken);
            if (hops.Count > 0)
            {
                journeys.Add(new Journey(hops, whole));
            }
        }

        return journeys;
    }

    /// <summary>The message a journey began with; null if it is no more.</summary>
    public Task<Message?> FirstAsync(Journey journey, CancellationToken cancellationToken) => MessageAsync(journey.Hops[0].Outcome, cancellationToken);

    private async Task<Outcome> OriginAsync(Outcome outcome, CancellationToken cancellationToken)
    {
        for (var depth = 0; depth < DepthMax; depth++)
        {
            if (await MadeFromAsync(outcome, cancellationToken) is not { } before)
            {
                break;
            }

            outcome = before;
        }

        return outcome;
    }

    /// <summary>What became of the message this one was made from; null if it came from outside, or the trace is gone.</summary>
    private async Task<Outcome?> MadeFromAsync(Outcome outcome, CancellationToken cancellationToken)
    {
        if (await MessageAsync(outcome, cancellationToken) is not { } message || message.Headers.Text(HeaderNames.Flow) is not { } flow
            || message.Source != Provenance.SourceOf(flow) || PlaceIn(message.Headers.Text(HeaderNames.Position)) is not { } place)
        {
            return null;
        }

        var found = await outcomes.FindAsync(new OutcomeQuery(OutcomeWanted.Place(place.Partition, place.Offset), flow, 1), cancellationToken);
        return found.Count > 0 ? found[0] : null;
    }

    private async Task<Message?> MessageAsync(Outcome outcome, CancellationToken cancellationToken)
    {
        if (!topics.TryGetValue(outcome.Flow, out var topic))
        {
            return null;
        }

        try
        {
            var place = PlaceOf(outcome);
            var page = await broker.ReadAsync(new ReadRequest(topic, place.Partition, place.Offset, 1), cancellationToken);
            // The flow may have read another topic then, and retention may have taken the message.
            return page.Count > 0 && page[0].Position.Offset == place.Offset && outcome.Row.Id.Span.SequenceEqual(System.Text.Encoding.UTF8.GetBytes(page[0].Message.Id.Value))
                ? page[0].Message
                : null;
        }
        catch (BrokerException gone) when (gone.Code is BrokerErrorCode.TopicNotFound or BrokerErrorCode.PartitionNotFound)
        {
            return null;
        }
    }

    /// <summary>Adds a hop and all that was made of it; false if a bound was met.</summary>
    private async Task<bool> DescendAsync(Outcome outcome, List<JourneyHop> hops, int depth, CancellationToken cancellationToken)
    {
        if (!_seen.Add(PlaceOf(outcome)))
        {
            return true;
        }

        if (depth >= DepthMax || hops.Count >= HopsMax)
        {
            return false;
        }

        hops.Add(new JourneyHop(outcome, topics.GetValueOrDefault(outcome.Flow), depth));
        var (whole, source) = (true, Provenance.SourceOf(outcome.Flow));
        foreach (var (sink, receipt) in outcome.Row.Context.Sinks.Zip(outcome.Sinks))
        {
            // What left by an outbox is followed by its receipt only, which the hop tells.
            var made = sink.Outbox ? [] : await outcomes.FindAsync(new OutcomeQuery(OutcomeWanted.Id(receipt.Receipt), null, HopsMax), cancellationToken);
            foreach (var next in made.Where(next => next.Row.Context.Source == source))
            {
                whole &= await DescendAsync(next, hops, depth + 1, cancellationToken);
            }
        }

        return whole;
    }

    private static (string Flow, int Partition, long Offset) PlaceOf(Outcome outcome) => (outcome.Flow, outcome.Row.Partition, outcome.Row.Offset);

    private static Position? PlaceIn(string? position) =>
        position?.Split('/') is [.., var partition, var offset]
        && int.TryParse(partition, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && long.TryParse(offset, NumberStyles.None, CultureInfo.InvariantCulture, out var at)
            ? new Position(number, at)
            : null;
}
