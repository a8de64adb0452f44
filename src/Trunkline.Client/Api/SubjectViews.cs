namespace Trunkline.Client.Api;

/// <summary>Subjects of the registry, with who uses them.</summary>
/// <param name="Subjects">By name.</param>
public sealed record SubjectList(IReadOnlyList<SubjectSummary> Subjects);

/// <summary>A subject at a glance.</summary>
/// <param name="Subject">Its name.</param>
/// <param name="SchemaType">The format of its newest version.</param>
/// <param name="Version">The newest version.</param>
/// <param name="Versions">How many versions there are.</param>
/// <param name="Level">The compatibility level.</param>
/// <param name="Topics">Topics held to it.</param>
/// <param name="Readers">How many flows and groups read them.</param>
public sealed record SubjectSummary(string Subject, string SchemaType, int Version, int Versions, string Level, IReadOnlyList<string> Topics, int Readers);

/// <summary>A subject: its versions, what changed between two of them, and who uses it.</summary>
public sealed record SubjectView
{
    /// <summary>Its name.</summary>
    public required string Subject { get; init; }

    /// <summary>The compatibility level.</summary>
    public required string Level { get; init; }

    /// <summary><c>READWRITE</c>, <c>READONLY</c> or <c>IMPORT</c>.</summary>
    public required string Mode { get; init; }

    /// <summary>The versions, by number.</summary>
    public required IReadOnlyList<SubjectVersion> Versions { get; init; }

    /// <summary>The schema of the newer version that is compared, with its fields.</summary>
    public required CatalogSchema Schema { get; init; }

    /// <summary>What changed; null if there is no older version.</summary>
    public SubjectDiff? Diff { get; init; }

    /// <summary>The topics held to it.</summary>
    public IReadOnlyList<SubjectTopic> Topics { get; init; } = [];

    /// <summary>Who reads them, and which fields.</summary>
    public IReadOnlyList<ReaderView> Readers { get; init; } = [];
}

/// <summary>A version of a subject.</summary>
/// <param name="Version">Its number.</param>
/// <param name="Id">The schema's id.</param>
/// <param name="SchemaType">Its format.</param>
public sealed record SubjectVersion(int Version, int Id, string SchemaType);

/// <summary>A topic that is held to a subject.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Contract">What becomes of what does not fit: <c>reject</c>, <c>observe</c>, <c>dead-letter</c>.</param>
/// <param name="Owner">Owner's name, or null.</param>
/// <param name="WrittenBy">Flows that write to it.</param>
/// <param name="Producers">Sources of the messages that came since the node started.</param>
public sealed record SubjectTopic(string Topic, string Contract, string? Owner, IReadOnlyList<string> WrittenBy, IReadOnlyList<string> Producers);

/// <summary>What changed between two versions.</summary>
/// <param name="From">The older version.</param>
/// <param name="To">The newer version.</param>
/// <param name="Fields">The fields that are different, by path.</param>
/// <param name="Incompatible">Why the newer may not follow the older by the subject's level; empty if it may.</param>
public sealed record SubjectDiff(int From, int To, IReadOnlyList<FieldChange> Fields, IReadOnlyList<string> Incompatible);

/// <summary>A field that is different.</summary>
/// <param name="Path">Names joined by dots, <c>*</c> for every item of a list or value of a map.</param>
/// <param name="Change"><c>added</c>, <c>removed</c> or <c>changed</c>.</param>
/// <param name="Was">What it held, for people; null if it was not there.</param>
/// <param name="Is">What it holds; null if it is gone.</param>
/// <param name="ReadBy">Flows and groups that read it.</param>
public sealed record FieldChange(string Path, string Change, string? Was, string? Is, IReadOnlyList<string> ReadBy);
