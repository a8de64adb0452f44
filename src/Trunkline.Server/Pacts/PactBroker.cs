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

    /// <summary>Publishes what a version of a consumer expects of its providers, all or nothing.</summary>
    /// <param name="consumer">The consumer.</param>
    /// <param name="number">Its version.</param>
    /// <param name="branch">The branch it was built on; null if not told.</param>
    /// <param name="tags">Its tags.</param>
    /// <param name="pacts">Provider and text of each pact.</param>
    /// <param name="cancellationToken">Gives the wait up.</param>
    /// <exception cref="PactRefusal">A pact is none, or this version has published another one before.</exception>
    public Task<IReadOnlyList<Pact>> PublishAsync(
        string consumer, string number, string? branch, IReadOnlyList<string> tags, IReadOnlyList<(string Provider, string Text)> pacts, CancellationToken cancellationToken) => InTurnAsync<IReadOnlyList<Pact>>(
        records =>
        {
            Version(records, consumer, number, branch, tags);
            var published = new List<Pact>();
            foreach (var (provider, text) in pacts)
            {
                EnsurePacticipant(records, provider);
                var content = PactText.Read(text, consumer, provider);
                if (Book.Pact(consumer, number, provider) is { } before && before.Sha != content.Sha)
                {
                    throw new PactRefusal(409, $"Version {number} of {consumer} has published a pact with {provider} that expects something else. Publish under a new version.");
                }

                if (Book.Content(content.Sha) is null)
                {
                    records.Add(new PactRecord { Content = content });
                }

                var pact = new Pact(consumer, number, provider, content.Sha, _time.GetUtcNow());
                records.Add(new PactRecord { Pact = pact });
                published.Add(pact);
            }

            return published;
        },
        cancellationToken);

    /// <summary>Records what came of verifying a content.</summary>
    public Task<PactVerification> VerifiedAsync(string sha, string provider, string number, bool success, string? buildUrl, CancellationToken cancellationToken) => InTurnAsync(
        records =>
        {
            if (!Book.Pacts.Any(one => one.Sha == sha && one.Provider == provider))
            {
                throw PactRefusal.NotFound($"A pact {sha} with {provider}");
            }

            Version(records, provider, number, null, []);
            var next = (Book.Verifications(sha).FirstOrDefault()?.Number ?? 0) + 1;
            var verification = new PactVerification(sha, next, provider, number, success, _time.GetUtcNow()) { BuildUrl = buildUrl };
            records.Add(new PactRecord { Verification = verification });
            return verification;
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
