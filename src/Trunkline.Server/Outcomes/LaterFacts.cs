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

    /// <summary>Facts one look at the newest reads at most.</summary>
    private const int LookedMax = 20_000;

    private readonly OutcomeIndex _index = new(FlowOutcomes.IndexBytesMax);
    private readonly SortedDictionary<(long Minute, string Fact), FactTally> _tally = [];
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
                Count(fact, stored.AppendedAt);
                _next = stored.Position.Offset + 1;
            }
        }
    }

    /// <summary>What was told at a time or later, by kind.</summary>
    public IReadOnlyDictionary<string, FactTally> Count(DateTimeOffset since)
    {
        var counts = new SortedDictionary<string, FactTally>(StringComparer.Ordinal);
        foreach (var ((minute, fact), tally) in _tally)
        {
            if (minute >= Minute(since))
            {
                counts[fact] = counts.GetValueOrDefault(fact).Plus(tally);
            }
        }

        return counts;
    }

    /// <summary>The newest facts that fit, newest first; and where to look further back, null if all was looked through.</summary>
    public async Task<(IReadOnlyList<LaterFact> Facts, long? Before)> NewestAsync(FactListing asked, CancellationToken cancellationToken)
    {
        var facts = new List<LaterFact>();
        var at = Math.Min(asked.Before ?? _next, _next);
        var end = Math.Max(0, at - LookedMax);
        while (at > end && facts.Count < asked.Limit)
        {
            var page = (await PageAsync(Math.Max(0, at - PageMessages), PageMessages, cancellationToken)).Where(stored => stored.Position.Offset < at).ToList();
            if (page.Count == 0)
            {
                return (facts, null);
            }

            foreach (var stored in page.AsEnumerable().Reverse().TakeWhile(_ => facts.Count < asked.Limit))
            {
                if (stored.AppendedAt < asked.Since)
                {
                    return (facts, null);
                }

                if (Read(stored) is var fact && fact.Fact == asked.Fact)
                {
                    facts.Add(fact);
                }

                at = stored.Position.Offset;
            }
        }

        return (facts, at > 0 ? at : null);
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

    private void Count(LaterFact fact, DateTimeOffset told)
    {
        var minute = Minute(told);
        _tally[(minute, fact.Fact)] = _tally.GetValueOrDefault((minute, fact.Fact)).Plus(new FactTally(1, fact.Value is null ? 0 : 1, fact.Value ?? 0));
        while (_tally.First().Key.Minute < minute - (long)FidelityTally.Window.TotalMinutes)
        {
            _tally.Remove(_tally.First().Key);
        }
    }

    private static long Minute(DateTimeOffset at) => at.ToUnixTimeSeconds() / 60;

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
