using System.Collections.Concurrent;

namespace Trunkline.Server.Pacts;

/// <summary>What the topic <c>trunkline.pacts</c> says, ready to be asked. Read by many at once, written by the one that writes the topic.</summary>
internal sealed class PactBook
{
    private readonly ConcurrentDictionary<string, Pacticipant> _pacticipants = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Pacticipant, string Number), PacticipantVersion> _versions = new();
    private readonly ConcurrentDictionary<(string Consumer, string Version, string Provider), Pact> _pacts = new();
    private readonly ConcurrentDictionary<string, string> _contents = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Sha, int Number), PactVerification> _verifications = new();
    private readonly ConcurrentDictionary<Guid, PactEnvironment> _environments = new();
    private readonly ConcurrentDictionary<Guid, PactStay> _stays = new();
    private readonly ConcurrentDictionary<Guid, PactWebhook> _webhooks = new();
    private readonly ConcurrentDictionary<int, PactDelivery> _deliveries = new();

    /// <summary>Pacticipants by name.</summary>
    public IEnumerable<Pacticipant> Pacticipants => _pacticipants.Values.OrderBy(one => one.Name, StringComparer.Ordinal);

    /// <summary>All pacts, newest versions first.</summary>
    public IEnumerable<Pact> Pacts => _pacts.Values.OrderByDescending(one => Version(one.Consumer, one.ConsumerVersion)?.Place);

    /// <summary>Environments that are not deleted, by name.</summary>
    public IEnumerable<PactEnvironment> Environments => _environments.Values.Where(one => !one.Deleted).OrderBy(one => one.Name, StringComparer.Ordinal);

    /// <summary>Versions that are in environments.</summary>
    public IEnumerable<PactStay> Stays => _stays.Values.Where(one => !one.Ended).OrderBy(one => one.CreatedAt);

    /// <summary>Webhooks that are not deleted, oldest first.</summary>
    public IEnumerable<PactWebhook> Webhooks => _webhooks.Values.Where(one => !one.Deleted).OrderBy(one => one.CreatedAt);

    /// <summary>What webhooks were told of late, and what they are still to be told.</summary>
    public IEnumerable<PactDelivery> Deliveries => _deliveries.Values;

    /// <summary>Where the next delivery is kept: behind the newest.</summary>
    public int NextPlace => _deliveries.IsEmpty ? 0 : (_deliveries.Values.MaxBy(one => (one.At, one.Place))!.Place + 1) % PactTelling.PlacesMax;

    public PactWebhook? Webhook(Guid id) => _webhooks.GetValueOrDefault(id) is { Deleted: false } one ? one : null;

    public Pacticipant? Pacticipant(string name) => _pacticipants.GetValueOrDefault(name);

    public PacticipantVersion? Version(string pacticipant, string number) => _versions.GetValueOrDefault((pacticipant, number));

    /// <summary>The versions of a pacticipant, newest first.</summary>
    public IEnumerable<PacticipantVersion> Versions(string pacticipant) => _versions.Values.Where(one => one.Pacticipant == pacticipant).OrderByDescending(one => one.Place);

    public Pact? Pact(string consumer, string version, string provider) => _pacts.GetValueOrDefault((consumer, version, provider));

    public string? Content(string sha) => _contents.GetValueOrDefault(sha);

    public PactEnvironment? Environment(Guid id) => _environments.GetValueOrDefault(id) is { Deleted: false } one ? one : null;

    public PactEnvironment? Environment(string name) => Environments.FirstOrDefault(one => one.Name == name);

    public PactStay? Stay(Guid id) => _stays.GetValueOrDefault(id);

    /// <summary>The verifications of a content, newest first.</summary>
    public IEnumerable<PactVerification> Verifications(string sha) => _verifications.Values.Where(one => one.Sha == sha).OrderByDescending(one => one.Number);

    /// <summary>The versions of a pacticipant that are in an environment.</summary>
    public IEnumerable<PacticipantVersion> In(Guid environment, string pacticipant) => Stays.Where(one => one.Environment == environment && one.Pacticipant == pacticipant)
        .Select(one => Version(pacticipant, one.Version)).OfType<PacticipantVersion>().Distinct();

    /// <summary>Takes in what the topic says.</summary>
    public void Apply(PactRecord record)
    {
        switch (record)
        {
            case { Pacticipant: { } one }:
                _pacticipants[one.Name] = one;
                break;
            case { Version: { } one }:
                _versions[(one.Pacticipant, one.Number)] = one;
                break;
            case { Pact: { } one }:
                _pacts[(one.Consumer, one.ConsumerVersion, one.Provider)] = one;
                break;
            case { Content: { } one }:
                _contents[one.Sha] = one.Text;
                break;
            case { Verification: { } one }:
                _verifications[(one.Sha, one.Number)] = one;
                break;
            case { Environment: { } one }:
                _environments[one.Id] = one;
                break;
            case { Stay: { } one }:
                _stays[one.Id] = one;
                break;
            case { Webhook: { } one }:
                _webhooks[one.Id] = one;
                break;
            case { Delivery: { } one }:
                _deliveries[one.Place] = one;
                break;
        }
    }
}
