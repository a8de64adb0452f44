namespace Trunkline.Client.Api;

/// <summary>Who reads topics, and what of them.</summary>
/// <param name="Readers">By topic, kind and name.</param>
public sealed record ReaderList(IReadOnlyList<ReaderView> Readers);

/// <summary>A reader of a topic.</summary>
public sealed record ReaderView
{
    /// <summary>The topic.</summary>
    public required string Topic { get; init; }

    /// <summary><c>flow</c> or <c>group</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The flow's or group's name.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// The fields it reads: names joined by dots, <c>*</c> for every item of a list or value of a map; an empty text is the whole message.
    /// </summary>
    public required IReadOnlyList<string> Fields { get; init; }

    /// <summary>How it is known: <c>learned</c> from a flow, from the <c>project</c>, <c>told</c> by the reader.</summary>
    public required string Origin { get; init; }

    /// <summary>Its own version; null if it told none.</summary>
    public string? Version { get; init; }

    /// <summary>Who answers for it; null if nobody is named.</summary>
    public string? Owner { get; init; }

    /// <summary>The owner's mail address or chat; null if none is known.</summary>
    public string? Contact { get; init; }

    /// <summary>Topics a flow passes the whole message on to.</summary>
    public IReadOnlyList<string> PassesTo { get; init; } = [];

    /// <summary>Where it runs, from deployments told as changes.</summary>
    public IReadOnlyList<DeploymentView> Deployments { get; init; } = [];

    /// <summary>When it told the node; null for one of the project.</summary>
    public DateTimeOffset? DeclaredAt { get; init; }
}

/// <summary>What runs in an environment.</summary>
/// <param name="Environment">The environment.</param>
/// <param name="Version">The version there.</param>
/// <param name="At">Since when.</param>
public sealed record DeploymentView(string Environment, string Version, DateTimeOffset At);

/// <summary>A group says what it reads.</summary>
/// <param name="Fields">1 to 1,000 fields, up to 500 characters each.</param>
/// <param name="Owner">Who answers for it, best a name under <c>owners</c> of the project; null for nobody.</param>
/// <param name="Version">Its own version; null for none.</param>
public sealed record DeclareReaderRequest(IReadOnlyList<string> Fields, string? Owner = null, string? Version = null);

/// <summary>Asks what a schema would do to readers.</summary>
/// <param name="Subject">The subject.</param>
/// <param name="Schema">The schema that is to follow; null asks who reads messages of the subject.</param>
/// <param name="SchemaType">Its format; null means <c>AVRO</c>.</param>
/// <param name="References">What it refers to; null for nothing.</param>
public sealed record ImpactRequest(string Subject, string? Schema = null, string? SchemaType = null, IReadOnlyList<SchemaReferenceView>? References = null);

/// <summary>What a schema would do to readers.</summary>
public sealed record ImpactView
{
    /// <summary>The subject.</summary>
    public required string Subject { get; init; }

    /// <summary>The version registered up to now; null if there is none.</summary>
    public int? Version { get; init; }

    /// <summary>The topics held to it.</summary>
    public required IReadOnlyList<string> Topics { get; init; }

    /// <summary>Who reads them.</summary>
    public required IReadOnlyList<ReaderView> Readers { get; init; }

    /// <summary>What breaks.</summary>
    public required IReadOnlyList<BreakView> Breaks { get; init; }

    /// <summary>Why the registry would refuse the schema; empty if it would not.</summary>
    public IReadOnlyList<string> Incompatible { get; init; } = [];
}

/// <summary>A field of a reader that breaks.</summary>
/// <param name="Reader">The reader.</param>
/// <param name="Field">The field.</param>
/// <param name="How"><c>removed</c>, <c>retyped</c>, <c>may-be-missing</c> or <c>not-promised</c>.</param>
/// <param name="Reason">The same in words.</param>
public sealed record BreakView(ReaderView Reader, string Field, string How, string Reason)
{
    /// <summary>True if the reader's owner, or else the topic's, approved the schema.</summary>
    public bool Approved { get; init; }
}

/// <summary>An owner approves a schema that breaks readers of theirs.</summary>
/// <param name="Subject">The subject.</param>
/// <param name="Schema">The schema, as it is to be registered; blanks do not count.</param>
/// <param name="Owner">Who approves: an owner of the project.</param>
/// <param name="Reason">For people; null for none, at most 1,000 characters.</param>
public sealed record ApproveSchemaRequest(string Subject, string Schema, string Owner, string? Reason = null);
