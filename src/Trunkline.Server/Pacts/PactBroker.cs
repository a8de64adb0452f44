using Trunkline.Messaging.Brokers;
using Trunkline.Server.Topics;

namespace Trunkline.Server.Pacts;

/// <summary>
/// Pacts over the compacted topic <c>trunkline.pacts</c>, written as schemas are: in turn, shown when durable. Reading goes to <see cref="Book"/>.
/// </summary>
internal sealed class PactBroker : IDisposable
{
    /// <summary>The topic.</summary>
    public const string TopicName = "trunkline.pacts";

    private const int NameMax = 255;
    private const int WebhooksMax = 200;

    private readonly IBroker _broker;
    private readonly InternalTopic _topic;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _turn = new(1);

    private PactBroker(IBroker broker, TimeProvider time) => (_broker, _time, _topic) = (broker, time, new InternalTopic(broker, TopicName, compacted: true));

    /// <summary>What is known.</summary>
    public PactBook Book { get; } = new();

    /// <summary>Opens the broker of pacts and rebuilds its book.</summary>
    public static async Task<PactBroker> OpenAsync(IBroker broker, TimeProvider time, CancellationToken cancellationToken)
    {
        var pacts = new PactBroker(broker, time);
        await pacts._topic.EnsureAsync(cancellationToken);
        await foreach (var message in pacts._topic.ReadAsync(0, cancellationToken))
        {
            pacts.Book.Apply(pacts._topic.Value(message, PactJson.Default.PactRecord));
        }

        return pacts;
    }

    /// <summary>Publishes what a version of a consumer expects of its providers, all or nothing; what webhooks are to be told is stored with it.</summary>
    /// <exception cref="PactRefusal">A pact is none, or this version has published another one before.</exception>
    public Task<IReadOnlyList<Pact>> PublishAsync(PactPublication publication, CancellationToken cancellationToken) => InTurnAsync<IReadOnlyList<Pact>>(
        records =>
        {
            var (consumer, number) = (publication.Consumer, publication.Version);
            var version = Version(records, consumer, number, publication.Branch, publication.Tags);
            var telling = new PactTelling(Book, publication.Address, _time.GetUtcNow());
            var published = new List<Pact>();
            foreach (var (provider, text, merge) in publication.Pacts)
            {
                EnsurePacticipant(records, provider);
                var content = Content(publication, provider, text, merge);
                if (Book.Content(content.Sha) is null)
                {
                    records.Add(new PactRecord { Content = content });
                }

                var pact = new Pact(consumer, number, provider, content.Sha, _time.GetUtcNow());
                telling.Published(pact, version);
                records.Add(new PactRecord { Pact = pact });
                published.Add(pact);
            }

            records.AddRange(telling.Found.Select(one => new PactRecord { Delivery = one }));
            return published;
        },
        cancellationToken);

    /// <summary>Records what came of verifying a content.</summary>
    public Task<PactVerification> VerifiedAsync(PactResult result, CancellationToken cancellationToken) => InTurnAsync(
        records =>
        {
            var pact = Book.Pacts.FirstOrDefault(one => one.Sha == result.Sha && one.Provider == result.Provider) ?? throw PactRefusal.NotFound($"A pact {result.Sha} with {result.Provider}");
            var version = Version(records, result.Provider, result.Version, null, []);
            var next = (Book.Verifications(result.Sha).FirstOrDefault()?.Number ?? 0) + 1;
            var verification = new PactVerification(result.Sha, next, result.Provider, result.Version, result.Success, _time.GetUtcNow()) { BuildUrl = result.BuildUrl };
            records.Add(new PactRecord { Verification = verification });
            var telling = new PactTelling(Book, result.Address, _time.GetUtcNow());
            telling.Verified(pact, verification, version);
            records.AddRange(telling.Found.Select(one => new PactRecord { Delivery = one }));
            return verification;
        },
        cancellationToken);

    /// <summary>Creates or changes a webhook.</summary>
    public Task<PactWebhook> WebhookAsync(PactWebhook webhook, CancellationToken cancellationToken) => InTurnAsync(
        records =>
        {
            if (Book.Webhook(webhook.Id) is null && Book.Webhooks.Count() >= WebhooksMax)
            {
                throw new PactRefusal(400, FormattableString.Invariant($"There are {WebhooksMax} webhooks already."));
            }

            var stored = webhook with { CreatedAt = Book.Webhook(webhook.Id)?.CreatedAt ?? _time.GetUtcNow() };
            records.Add(new PactRecord { Webhook = stored });
            return stored;
        },
        cancellationToken);

    /// <summary>Tells a webhook of the newest pact it speaks of, to try it.</summary>
    public Task<PactDelivery> TryAsync(PactWebhook webhook, string address, CancellationToken cancellationToken) => InTurnAsync(
        records =>
        {
            var telling = new PactTelling(Book, address, _time.GetUtcNow());
            telling.Try(webhook);
            records.Add(new PactRecord { Delivery = telling.Found[0] });
            return telling.Found[0];
        },
        cancellationToken);

    /// <summary>Notes what came of a delivery.</summary>
    public Task<PactDelivery> DeliveredAsync(PactDelivery delivery, CancellationToken cancellationToken) => InTurnAsync(
        records =>
        {
            // Its place may have been taken by a newer one meanwhile.
            if (Book.Deliveries.Any(one => one.Place == delivery.Place && one.Id == delivery.Id))
            {
                records.Add(new PactRecord { Delivery = delivery });
            }

            return delivery;
        },
        cancellationToken);

    /// <summary>Makes a version known, on a branch or with tags more.</summary>
    public Task<PacticipantVersion> VersionAsync(string pacticipant, string number, string? branch, IReadOnlyList<string> tags, CancellationToken cancellationToken) =>
        InTurnAsync(records => Version(records, pacticipant, number, branch, tags), cancellationToken);

    /// <summary>Makes a pacticipant known, or changes its main branch.</summary>
    public Task<Pacticipant> PacticipantAsync(string name, string? mainBranch, CancellationToken cancellationToken) => InTurnAsync(
        records =>
        {
            var pacticipant = (Book.Pacticipant(Named(name, "pacticipant")) ?? new Pacticipant(name, _time.GetUtcNow())) is var known && mainBranch is not null ? known with { MainBranch = mainBranch } : known;
            records.Add(new PactRecord { Pacticipant = pacticipant });
            return pacticipant;
        },
        cancellationToken);

    /// <summary>Creates an environment.</summary>
    /// <exception cref="PactRefusal">Its name is taken.</exception>
    public Task<PactEnvironment> EnvironmentAsync(string name, string? displayName, bool production, CancellationToken cancellationToken) => InTurnAsync(
        records =>
        {
            if (Book.Environment(Named(name, "environment")) is not null)
            {
                throw new PactRefusal(409, $"There is an environment '{name}'.");
            }

            var environment = new PactEnvironment(Guid.NewGuid(), name, displayName ?? name, production, _time.GetUtcNow());
            records.Add(new PactRecord { Environment = environment });
            return environment;
        },
        cancellationToken);

    /// <summary>Deletes an environment; what is in it counts no more.</summary>
    public Task<PactEnvironment> DeleteEnvironmentAsync(Guid id, CancellationToken cancellationToken) => InTurnAsync(
        records =>
        {
            var environment = (Book.Environment(id) ?? throw PactRefusal.NotFound("The environment")) with { Deleted = true };
            records.Add(new PactRecord { Environment = environment });
            return environment;
        },
        cancellationToken);

    /// <summary>Records that a version came into an environment. A deployed one takes the place of the one deployed before it.</summary>
    public Task<PactStay> CameAsync(Guid environment, string pacticipant, string number, bool released, string? instance, CancellationToken cancellationToken) => InTurnAsync(
        records =>
        {
            var there = Book.Environment(environment) ?? throw PactRefusal.NotFound("The environment");
            if (Book.Version(pacticipant, number) is null)
            {
                throw PactRefusal.NotFound($"Version {number} of {pacticipant}");
            }

            var before = Book.Stays.Where(one => one.Environment == there.Id && one.Pacticipant == pacticipant && one.Released == released && one.Instance == instance).ToList();
            if (before.Find(one => one.Version == number) is { } known)
            {
                return known;
            }

            records.AddRange(before.Where(_ => !released).Select(one => new PactRecord { Stay = one with { Ended = true } }));
            var stay = new PactStay(Guid.NewGuid(), there.Id, pacticipant, number, released, instance, _time.GetUtcNow());
            records.Add(new PactRecord { Stay = stay });
            return stay;
        },
        cancellationToken);

    /// <summary>Records that a version left an environment.</summary>
    public Task<PactStay> WentAsync(Guid id, CancellationToken cancellationToken) => InTurnAsync(
        records =>
        {
            var stay = (Book.Stay(id) ?? throw PactRefusal.NotFound("The deployment or release")) with { Ended = true };
            records.Add(new PactRecord { Stay = stay });
            return stay;
        },
        cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    private PactContent Content(PactPublication publication, string provider, string text, bool merge)
    {
        var content = PactText.Read(text, publication.Consumer, provider);
        if (Book.Pact(publication.Consumer, publication.Version, provider) is not { } before || before.Sha == content.Sha)
        {
            return content;
        }

        return merge && Book.Content(before.Sha) is { } known
            ? PactText.Read(PactText.Merge(known, content.Text), publication.Consumer, provider)
            : throw new PactRefusal(409, $"Version {publication.Version} of {publication.Consumer} has published a pact with {provider} that expects something else. Publish under a new version, or merge.");
    }

    private static string Named(string? name, string what) => name is { Length: > 0 and <= NameMax } && !name.Any(char.IsControl)
        ? name
        : throw new PactRefusal(400, FormattableString.Invariant($"The name of a {what} has 1 to {NameMax} characters, none of them a control character."));

    private void EnsurePacticipant(List<PactRecord> records, string name)
    {
        if (Book.Pacticipant(Named(name, "pacticipant")) is null)
        {
            records.Add(new PactRecord { Pacticipant = new Pacticipant(name, _time.GetUtcNow()) });
        }
    }

    private PacticipantVersion Version(List<PactRecord> records, string pacticipant, string number, string? branch, IReadOnlyList<string> tags)
    {
        EnsurePacticipant(records, pacticipant);
        var known = Book.Version(pacticipant, Named(number, "version"))
            ?? new PacticipantVersion(pacticipant, number, (Book.Versions(pacticipant).FirstOrDefault()?.Place ?? 0) + 1, _time.GetUtcNow());
        var version = known with
        {
            Branches = branch is null ? known.Branches : [.. known.Branches.Append(Named(branch, "branch")).Distinct(StringComparer.Ordinal)],
            Tags = [.. known.Tags.Concat(tags.Select(tag => Named(tag, "tag"))).Distinct(StringComparer.Ordinal)],
        };
        records.Add(new PactRecord { Version = version });
        return version;
    }

    private async Task<T> InTurnAsync<T>(Func<List<PactRecord>, T> decide, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var records = new List<PactRecord>();
            var result = decide(records);
            if (records.Count > 0)
            {
                await _broker.CommitAsync(new CommitUnit { Appends = [.. records.Select(one => _topic.Append(one.Key(), one, PactJson.Default.PactRecord))] }, CancellationToken.None);
                records.ForEach(Book.Apply);
            }

            return result;
        }
        finally
        {
            _turn.Release();
        }
    }
}
