using System.Globalization;
using System.Text.Json.Serialization.Metadata;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Schemas.Formats;
using Trunkline.Server.Topics;

namespace Trunkline.Server.Schemas.Registry;

/// <summary>What is asked when a schema is registered.</summary>
/// <param name="Content">The schema.</param>
/// <param name="Id">The id it must get; null for the next. Only in mode IMPORT.</param>
/// <param name="Version">The version it must get; null for the next. Only in mode IMPORT.</param>
internal sealed record Registration(SchemaContent Content, int? Id = null, int? Version = null);

/// <summary>
/// The registry over the compacted topic <c>trunkline.schemas</c>. Whoever writes waits for his turn: a check and what is written upon it are one.
/// Reading goes to <see cref="View"/> and waits for nobody. Nothing is shown before it is durable. Numbers are never given twice: of what is
/// deleted for good the numbers stay in the topic.
/// </summary>
internal sealed class SchemaRegistry : IDisposable
{
    /// <summary>The topic.</summary>
    public const string TopicName = "trunkline.schemas";

    private const string VersionPrefix = "version/";
    private const string ConfigPrefix = "config/";
    private const string FloorKey = "floor";

    private readonly IBroker _broker;
    private readonly InternalTopic _topic;
    private readonly SemaphoreSlim _turn = new(1);

    private SchemaRegistry(IBroker broker)
    {
        (_broker, _topic) = (broker, new InternalTopic(broker, TopicName, compacted: true));
        Settings = new RegistrySettings(View);
    }

    /// <summary>What is registered.</summary>
    public RegistryView View { get; } = new();

    /// <summary>The settings in force.</summary>
    public RegistrySettings Settings { get; }

    /// <summary>Asked before a new version is registered; what it throws is the refusal. Null asks nobody.</summary>
    public Func<SubjectName, SchemaContent, CancellationToken, Task>? Gate { get; set; }

    /// <summary>Opens the registry and rebuilds its view.</summary>
    public static async Task<SchemaRegistry> OpenAsync(IBroker broker, CancellationToken cancellationToken)
    {
        var registry = new SchemaRegistry(broker);
        await registry._topic.EnsureAsync(cancellationToken);
        await foreach (var message in registry._topic.ReadAsync(0, cancellationToken))
        {
            registry.Apply(message);
        }

        registry.View.Complete();
        await registry.GoAheadAsync(await RestoreMark.ReadAsync(broker, cancellationToken));
        return registry;
    }

    /// <summary>Once after each restore: ids go on above all that may have been given since the backup.</summary>
    private async Task GoAheadAsync(DateTimeOffset? restoredAt)
    {
        if (restoredAt is { } at && View.Floor?.RestoredAt != at)
        {
            var floor = IdFloor.After(at, View.HighestId());
            await _broker.AppendAsync(_topic.Append(FloorKey, floor, RegistryJson.Default.IdFloor), CancellationToken.None);
            View.Apply(floor);
        }
    }

    /// <summary>Registers a schema, or finds the version that has it.</summary>
    /// <exception cref="RegistryRefusal">It is faulty, incompatible, or not to be written here.</exception>
    public Task<SchemaVersion> RegisterAsync(SubjectName subject, Registration wanted, CancellationToken cancellationToken) => InTurnAsync(
        async () =>
        {
            var versions = View.Versions(subject);
            var content = Resolve(subject, wanted.Content);
            var id = View.IdOf(subject.Context, content);
            if (versions.LastOrDefault(one => one.State == VersionState.Live && one.Id == id) is { } known && (wanted.Id ?? known.Id) == known.Id)
            {
                return known;
            }

            var mode = Settings.Mode(subject);
            if (mode == "READONLY" || (mode != "IMPORT" && (wanted.Id ?? wanted.Version) is > 0))
            {
                throw new RegistryRefusal(42205, mode == "READONLY" ? $"Subject {subject} is in read-only mode" : $"Subject {subject} is not in import mode");
            }

            if (mode != "IMPORT" && SchemaCompatibility.Check(Settings, View, subject, content) is { Count: > 0 } faults)
            {
                throw new RegistryRefusal(RegistryRefusal.Incompatible, $"Schema being registered is incompatible with an earlier schema for subject \"{subject}\", details: [{string.Join(", ", faults)}]");
            }

            if (mode != "IMPORT" && Gate is { } gate)
            {
                await gate(subject, content, cancellationToken);
            }

            var version = new SchemaVersion { Subject = subject.ToString(), Version = NextVersion(versions, wanted), Id = NextId(subject, content, wanted), Content = content };
            await AppendAsync([version]);
            return version;
        },
        cancellationToken);

    /// <summary>A schema that can be used: a reference to the newest version becomes one to that version, for ever.</summary>
    /// <exception cref="RegistryRefusal">The schema or a reference is faulty.</exception>
    public SchemaContent Resolve(SubjectName subject, SchemaContent content)
    {
        var references = content.References.Select(reference => reference.Version != -1 ? reference : reference with
        {
            Version = View.Versions(SubjectName.In(subject.Context, reference.Subject)).LastOrDefault(one => one.State == VersionState.Live)?.Version
                ?? throw RegistryRefusal.Invalid($"The reference '{reference.Name}' is to subject '{reference.Subject}', which has no version."),
        }).ToList();
        content = content with { References = references };
        var faults = SchemaFormats.Get(content.Type).Check(content.Text, View.Resolve(subject.Context, content));
        return faults.Count == 0 ? content : throw RegistryRefusal.Invalid($"Invalid schema of type {content.Type}: {SchemaFault.Tell(faults)}");
    }

    /// <summary>Changes how far versions are gone, all or none of them.</summary>
    /// <param name="choose">Picks the versions and their new state, in turn; what it throws is the refusal.</param>
    /// <param name="cancellationToken">Gives the wait up.</param>
    public Task<IReadOnlyList<SchemaVersion>> MarkAsync(Func<IReadOnlyList<SchemaVersion>> choose, CancellationToken cancellationToken) => InTurnAsync(
        async () =>
        {
            var versions = choose();
            await AppendAsync(versions);
            return versions;
        },
        cancellationToken);

    /// <summary>Changes settings; null takes them away.</summary>
    /// <param name="name">The subject, context (<c>:.name:</c>) or, for all, the empty name.</param>
    /// <param name="change">The new settings from the old ones, in turn.</param>
    /// <param name="cancellationToken">Gives the wait up.</param>
    public Task<SubjectConfig?> ConfigureAsync(string name, Func<SubjectConfig, SubjectConfig?> change, CancellationToken cancellationToken) => InTurnAsync(
        async () =>
        {
            var config = change(View.Configs.GetValueOrDefault(name) ?? new SubjectConfig());
            await _broker.AppendAsync(_topic.Append(ConfigPrefix + name, config ?? new SubjectConfig(), RegistryJson.Default.SubjectConfig), CancellationToken.None);
            View.Apply(name, config);
            return config;
        },
        cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    private static int NextVersion(IReadOnlyList<SchemaVersion> versions, Registration wanted)
    {
        var next = versions.Count == 0 ? 1 : versions[^1].Version + 1;
        return wanted.Version is not > 0 ? next
            : versions.All(one => one.Version != wanted.Version) ? wanted.Version.Value
            : throw new RegistryRefusal(42202, string.Create(CultureInfo.InvariantCulture, $"Version {wanted.Version} of subject {versions[0].Subject} was given before"));
    }

    private int NextId(SubjectName subject, SchemaContent content, Registration wanted)
    {
        var known = View.IdOf(subject.Context, content);
        if (wanted.Id is not > 0)
        {
            var highest = View.HighestId(subject.Context);
            return known ?? (highest < int.MaxValue ? highest + 1 : throw new RegistryRefusal(50001, "Every id of this context is used up"));
        }

        return View.Find(subject.Context, wanted.Id.Value) is { } other && (other.Type, other.Guid()) != (content.Type, content.Guid())
            ? throw new RegistryRefusal(42207, string.Create(CultureInfo.InvariantCulture, $"Schema id {wanted.Id} belongs to another schema"))
            : wanted.Id.Value;
    }

    private async Task AppendAsync(IReadOnlyList<SchemaVersion> versions)
    {
        if (versions.Count > 0)
        {
            await _broker.AppendAsync(_topic.Append(versions.Select(one => ((string?)Key(one), one)), RegistryJson.Compact.SchemaVersion), CancellationToken.None);
            foreach (var version in versions)
            {
                View.Apply(version);
            }
        }
    }

    private static string Key(SchemaVersion version) => string.Create(CultureInfo.InvariantCulture, $"{VersionPrefix}{version.Version}/{version.Subject}");

    private void Apply(StoredMessage message)
    {
        var key = message.Message.Key?.ToString() ?? "";
        if (key.StartsWith(VersionPrefix, StringComparison.Ordinal))
        {
            View.Apply(_topic.Value(message, StoredVersion.Read));
        }
        else if (key.StartsWith(ConfigPrefix, StringComparison.Ordinal))
        {
            var config = Value(message, RegistryJson.Default.SubjectConfig);
            View.Apply(key[ConfigPrefix.Length..], config == new SubjectConfig() ? null : config);
        }
        else if (key == FloorKey)
        {
            View.Apply(Value(message, RegistryJson.Default.IdFloor));
        }
    }

    private T Value<T>(StoredMessage message, JsonTypeInfo<T> type) => _topic.Value(message, type);

    private async Task<T> InTurnAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            // Once begun it is carried through: whether a client stays must not decide what the view knows of what is written.
            return await work();
        }
        finally
        {
            _turn.Release();
        }
    }
}
