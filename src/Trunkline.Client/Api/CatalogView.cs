using System.Text.Json;

namespace Trunkline.Client.Api;

/// <summary>A project as its documents tell it: topics, flows, schemas, owners, and what is promised.</summary>
public sealed record CatalogView
{
    /// <summary>What it is called.</summary>
    public required string Title { get; init; }

    /// <summary>Which state of the project: a revision of a node, or a hash of the project's text.</summary>
    public required string Version { get; init; }

    /// <summary>The address the node is reached at.</summary>
    public required Uri Address { get; init; }

    /// <summary>True if requests bear a token.</summary>
    public bool NeedsToken { get; init; }

    /// <summary>Who answers for things, by name.</summary>
    public IReadOnlyList<CatalogOwner> Owners { get; init; } = [];

    /// <summary>Topics, by name.</summary>
    public IReadOnlyList<CatalogTopic> Topics { get; init; } = [];

    /// <summary>Flows, by name.</summary>
    public IReadOnlyList<CatalogFlow> Flows { get; init; } = [];

    /// <summary>The newest schema of each subject that is known, by subject.</summary>
    public IReadOnlyList<CatalogSchema> Schemas { get; init; } = [];
}

/// <summary>Who answers for something.</summary>
/// <param name="Name">The name.</param>
/// <param name="Email">Mail address, or null.</param>
/// <param name="Chat">Chat channel, or null.</param>
/// <param name="Runbook">What to do in trouble, or null.</param>
public sealed record CatalogOwner(string Name, string? Email, string? Chat, Uri? Runbook);

/// <summary>A topic as documents tell it.</summary>
public sealed record CatalogTopic
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Owner's name, or null.</summary>
    public string? Owner { get; init; }

    /// <summary>Schema subject; null if messages are not checked.</summary>
    public string? Subject { get; init; }

    /// <summary>What becomes of a message that does not fit: <c>reject</c>, <c>observe</c>, <c>dead-letter</c>.</summary>
    public required string Contract { get; init; }

    /// <summary>Number of partitions.</summary>
    public required int Partitions { get; init; }

    /// <summary>When appends are acknowledged.</summary>
    public required string Durability { get; init; }

    /// <summary>How long messages are kept, in milliseconds; null for ever.</summary>
    public long? RetentionAgeMs { get; init; }

    /// <summary>Bytes a partition keeps; null for no bound.</summary>
    public long? RetentionBytes { get; init; }

    /// <summary>Whether only the newest message of each key is kept.</summary>
    public bool Compacted { get; init; }

    /// <summary>How long repeats are recognised, in milliseconds; 0 for not at all.</summary>
    public long DedupeWindowMs { get; init; }

    /// <summary>Largest message, in bytes.</summary>
    public long MessageBytesMax { get; init; }

    /// <summary>The last day it is kept; null if it stays.</summary>
    public DateOnly? Sunset { get; init; }

    /// <summary>The topic that takes its place, or null.</summary>
    public string? Use { get; init; }

    /// <summary>Who reads it, and which fields.</summary>
    public IReadOnlyList<ReaderView> Readers { get; init; } = [];

    /// <summary>Flows that write to it.</summary>
    public IReadOnlyList<string> WrittenBy { get; init; } = [];

    /// <summary>A message, masked; null if there is none that could be shown.</summary>
    public JsonElement? Example { get; init; }
}

/// <summary>A flow as documents tell it.</summary>
public sealed record CatalogFlow
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Owner's name, or null.</summary>
    public string? Owner { get; init; }

    /// <summary>Where it reads.</summary>
    public required CatalogPlace From { get; init; }

    /// <summary>Names of its steps, in order.</summary>
    public IReadOnlyList<string> Steps { get; init; } = [];

    /// <summary>Names of the models it asks.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];

    /// <summary>Where it writes.</summary>
    public IReadOnlyList<CatalogPlace> To { get; init; } = [];

    /// <summary>In which order messages are processed, for people.</summary>
    public required string Order { get; init; }

    /// <summary>Tries in place.</summary>
    public required int Attempts { get; init; }

    /// <summary>What happens to a message that keeps failing: <c>park-message</c>, <c>park-key</c>, <c>stop</c>.</summary>
    public required string OnFailure { get; init; }

    /// <summary>How old a message may be when it is processed, in milliseconds; null for any age.</summary>
    public long? DeadlineMs { get; init; }

    /// <summary>How long a message may take to its delivery by the flow's promise, in milliseconds; null for any time.</summary>
    public long? WithinMs { get; init; }

    /// <summary>What it promises.</summary>
    public IReadOnlyList<CatalogObjective> Objectives { get; init; } = [];
}

/// <summary>Where messages come from or go.</summary>
/// <param name="Kind"><c>topic</c>, <c>http</c>, <c>webhook</c> and so on.</param>
/// <param name="Address">The topic, the path on the node, or the address; null where it means nothing to others.</param>
public sealed record CatalogPlace(string Kind, string? Address)
{
    /// <summary>The sink's name; null for a source.</summary>
    public string? Sink { get; init; }

    /// <summary>The condition of the branch; null for every message.</summary>
    public string? When { get; init; }

    /// <summary>How a sender of webhooks signs; null for other places.</summary>
    public string? SignedBy { get; init; }

    /// <summary>The subject that bodies fit, as far as the project shows it; null for anything.</summary>
    public string? Subject { get; init; }

    /// <summary>How often a message arrives there, for people; null for a source.</summary>
    public string? Delivery { get; init; }
}

/// <summary>A share of messages that a flow promises.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Measure"><c>latency</c>, <c>success</c> or <c>fidelity</c>.</param>
/// <param name="Target">The share, 0.5 to 0.99999.</param>
/// <param name="WindowDays">Over how many days.</param>
/// <param name="Description">What it is for; null for none.</param>
public sealed record CatalogObjective(string Name, string Measure, double Target, double WindowDays, string? Description);

/// <summary>The schema of a subject.</summary>
public sealed record CatalogSchema
{
    /// <summary>The subject.</summary>
    public required string Subject { get; init; }

    /// <summary><c>AVRO</c>, <c>JSON</c> or <c>PROTOBUF</c>.</summary>
    public required string SchemaType { get; init; }

    /// <summary>The schema.</summary>
    public required string Schema { get; init; }

    /// <summary>Its number in the registry; null if it is not told.</summary>
    public int? Version { get; init; }

    /// <summary>Its id in the registry; null if it is not told.</summary>
    public int? Id { get; init; }

    /// <summary>The compatibility level; null if it is not told.</summary>
    public string? Level { get; init; }

    /// <summary>What it refers to, by the names it uses.</summary>
    public IReadOnlyDictionary<string, string> References { get; init; } = new Dictionary<string, string>();

    /// <summary>Its fields, by path; at most 500.</summary>
    public IReadOnlyList<CatalogField> Fields { get; init; } = [];
}

/// <summary>A field of a schema.</summary>
/// <param name="Path">Names joined by dots, <c>*</c> for every item of a list or value of a map.</param>
/// <param name="Holds">What it may hold, for people.</param>
/// <param name="Required">True if it is always there.</param>
public sealed record CatalogField(string Path, string Holds, bool Required);
