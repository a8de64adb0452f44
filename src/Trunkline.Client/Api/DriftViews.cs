namespace Trunkline.Client.Api;

/// <summary>What the messages of a topic hold, and how that drifts.</summary>
public sealed record TopicDriftView
{
    /// <summary>The topic.</summary>
    public required string Topic { get; init; }

    /// <summary>Its subject; null for none.</summary>
    public string? Subject { get; init; }

    /// <summary>Who answers for it; null if nobody is named.</summary>
    public string? Owner { get; init; }

    /// <summary>Who writes to it, as far as it was looked at since the node started.</summary>
    public required IReadOnlyList<ProducerView> Producers { get; init; }

    /// <summary>Alarms, newest first; those that were closed too.</summary>
    public required IReadOnlyList<DriftAlarmView> Alarms { get; init; }
}

/// <summary>A producer of a topic.</summary>
public sealed record ProducerView
{
    /// <summary><c>flow</c> and its name, or the source its messages name.</summary>
    public required string Producer { get; init; }

    /// <summary>Messages looked at.</summary>
    public required long Messages { get; init; }

    /// <summary>True once it is known what is usual.</summary>
    public required bool Learned { get; init; }

    /// <summary>Fields followed.</summary>
    public required int Fields { get; init; }

    /// <summary>Messages that could not be looked into.</summary>
    public long Opaque { get; init; }

    /// <summary>Shares of the versions of the schema its messages name; an empty name for none.</summary>
    public required IReadOnlyList<VersionShareView> Versions { get; init; }

    /// <summary>Fields the newest schema declares that never came, at most 100; null while too little came, or without a schema.</summary>
    public IReadOnlyList<string>? NeverSeen { get; init; }
}

/// <summary>A share of messages.</summary>
/// <param name="Version">The version they name; empty for none.</param>
/// <param name="Share">0 to 1.</param>
public sealed record VersionShareView(string Version, double Share);

/// <summary>Alarms.</summary>
/// <param name="Alarms">Newest first.</param>
public sealed record DriftAlarmList(IReadOnlyList<DriftAlarmView> Alarms);

/// <summary>A change in what the messages of a producer hold.</summary>
public sealed record DriftAlarmView
{
    /// <summary>The topic.</summary>
    public required string Topic { get; init; }

    /// <summary>The producer.</summary>
    public required string Producer { get; init; }

    /// <summary>The field.</summary>
    public required string Field { get; init; }

    /// <summary><c>undeclared</c>, <c>new-field</c>, <c>retyped</c>, <c>reformatted</c>, <c>new-value</c>, <c>nulls</c>, <c>presence</c> or <c>range</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>What it was, in words and figures.</summary>
    public required string Was { get; init; }

    /// <summary>What it is.</summary>
    public required string Now { get; init; }

    /// <summary>A value of now, its letters and digits masked; empty where there is none.</summary>
    public required string Example { get; init; }

    /// <summary>Who answers for the producer, or else the topic; null if nobody is named.</summary>
    public string? Owner { get; init; }

    /// <summary>When it was told.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>When it was closed; null if it stands.</summary>
    public DateTimeOffset? ClosedAt { get; init; }
}

/// <summary>What usual means is learned anew.</summary>
/// <param name="Closed">Alarms that were closed.</param>
public sealed record LearnedAnew(int Closed);

/// <summary>A schema made from messages.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Format"><c>json</c>, <c>avro</c> or <c>protobuf</c>.</param>
/// <param name="Messages">Messages it was made from.</param>
/// <param name="Schema">Its text.</param>
public sealed record InferredSchemaView(string Topic, string Format, long Messages, string Schema);
