using System.Text;
using System.Text.Json;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Server.Outcomes;

/// <summary>
/// What is told later, from outside: appended to a topic of its own, joined when somebody asks. So it does not matter whether the fact or
/// the outcome comes first. The reading side is one caller at a time; <see cref="AppendAsync"/> is thread-safe.
/// </summary>
internal sealed class LaterFacts(IBroker broker)
{
    /// <summary>The kinds of facts there are.</summary>
    public static readonly IReadOnlyList<string> Kinds = ["delivered", "bounced", "read", "rated", "converted", "label"];

    /// <summary>Facts joined to one message at most, the newest.</summary>
    public const int JoinedMax = 1000;

    private const string Source = "fact";
    private const int PageMessages = 256;

    private readonly OutcomeIndex _index = new(FlowOutcomes.IndexBytesMax);
    private long _next;

    /// <summary>Stores facts, all or none; repeats of an id are recognised as long as facts are kept.</summary>
    /// <returns>Per fact, whether it was known already.</returns>
    public async Task<IReadOnlyList<bool>> AppendAsync(IReadOnlyList<LaterFact> facts, CancellationToken cancellationToken)
    {
        // Made at the first fact: a node nobody tells anything has no such topic.
        await broker.CreateTopicAsync(OutcomeTopics.FactSettings, cancellationToken);
        var appended = await broker.AppendAsync(
            new TopicAppend
            {
                Topic = OutcomeTopics.Facts,
                Partition = 0,
                Dedupe = broker.Capabilities.HasFlag(BrokerCapabilities.DedupeById) ? DedupeMode.ById : DedupeMode.None,
                Messages = [.. facts.Select(fact => new Message
                {
                    Id = new MessageId(fact.Id),
                    Source = Source,
                    Key = fact.Key is null ? null : MessageKey.FromText(fact.Key),
                    ContentType = "application/json",
                    Payload = JsonSerializer.SerializeToUtf8Bytes(fact, LaterFactJson.Default.LaterFact),
                })],
            },
            cancellationToken);
        return [.. appended.Select(one => one.Duplicate)];
    }

    /// <summary>Reads what was told since the last time.</summary>
    public async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        while (await PageAsync(_next, PageMessages, cancellationToken) is { Count: > 0 } page)
        {
            foreach (var stored in page)
            {
                var fact = Read(stored);
                _index.Begin();
                foreach (var hash in Hashes(fact.MessageId, fact.Receipt is null ? [] : [fact.Receipt], fact.Key))
                {
                    _index.Add(hash);
                }

                _index.End(stored.Position.Offset);
                _next = stored.Position.Offset + 1;
            }
        }
    }

    /// <summary>The facts about a message: by its id, one of its receipts, or its key.</summary>
    public async Task<IReadOnlyList<LaterFact>> FindAsync(string id, IReadOnlyList<string> receipts, string? key, CancellationToken cancellationToken)
    {
        var facts = new List<LaterFact>();
        foreach (var offset in Hashes(id, receipts, key).SelectMany(_index.Find).Distinct().Order().TakeLast(JoinedMax))
        {
            if (await PageAsync(offset, 1, cancellationToken) is [var stored] && stored.Position.Offset == offset && Read(stored) is var fact
                && (fact.MessageId == id || (fact.Receipt is { } receipt && receipts.Contains(receipt)) || (fact.Key is not null && fact.Key == key)))
            {
                facts.Add(fact);
            }
        }

        return facts;
    }

    private static IEnumerable<uint> Hashes(string? id, IReadOnlyList<string> receipts, string? key)
    {
        if (id is not null)
        {
            yield return OutcomeIndex.OfId(Encoding.UTF8.GetBytes(id));
        }

        foreach (var receipt in receipts)
        {
            yield return OutcomeIndex.OfReceipt(Encoding.UTF8.GetBytes(receipt));
        }

        if (key is not null)
        {
            yield return OutcomeIndex.OfKey(Encoding.UTF8.GetBytes(key));
        }
    }

    /// <summary>Reads a stored fact.</summary>
    /// <exception cref="BrokerException"><see cref="BrokerErrorCode.StoreDamaged"/> if it is none.</exception>
    public static LaterFact Read(StoredMessage stored)
    {
        try
        {
            return JsonSerializer.Deserialize(stored.Message.Payload.Span, LaterFactJson.Default.LaterFact) ?? throw new JsonException("null");
        }
        catch (JsonException damage)
        {
            throw new BrokerException(BrokerErrorCode.StoreDamaged,
                FormattableString.Invariant($"Offset {stored.Position.Offset} of '{OutcomeTopics.Facts}' is not what Trunkline writes there."), damage);
        }
    }

    private async ValueTask<IReadOnlyList<StoredMessage>> PageAsync(long offset, int messages, CancellationToken cancellationToken)
    {
        try
        {
            return await broker.ReadAsync(new ReadRequest(OutcomeTopics.Facts, 0, offset, messages), cancellationToken);
        }
        catch (BrokerException none) when (none.Code == BrokerErrorCode.TopicNotFound)
        {
            return [];
        }
    }
}
