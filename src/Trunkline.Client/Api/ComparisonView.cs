using System.Text.Json;

namespace Trunkline.Client.Api;

/// <summary>Asks what a project that might follow would do with recorded messages: its files, or a revision the node knows.</summary>
public sealed record CompareRequest
{
    /// <summary>The main file's path among <see cref="Files"/>; null with <see cref="Revision"/>.</summary>
    public string? Main { get; init; }

    /// <summary>File contents by path relative to the project's folder, <c>/</c>-separated; null with <see cref="Revision"/>.</summary>
    public IReadOnlyDictionary<string, string>? Files { get; init; }

    /// <summary>A revision the node knows, in place of files.</summary>
    public long? Revision { get; init; }

    /// <summary>Messages read at most, the newest of each partition, 1 to 1,000,000. Default 100,000.</summary>
    public int? MessagesMax { get; init; }

    /// <summary>Examples per difference, 0 to 1,000. Default 10.</summary>
    public int? ExamplesMax { get; init; }

    /// <summary>
    /// Where answers of the outside come from: <c>recorded</c> (default), <c>stub</c> (<see cref="Stubs"/> first, then the recording) or
    /// <c>fresh</c> (everything is asked anew, three times).
    /// </summary>
    public string? Effects { get; init; }

    /// <summary>With <c>stub</c>: answers by name of model, step or call.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Stubs { get; init; }

    /// <summary>Whether examples carry the values of fields. Default false: only their kind and length.</summary>
    public bool ShowValues { get; init; }
}

/// <summary>Where recorded messages went, and where the candidate would send them.</summary>
/// <param name="Flow">The flow.</param>
/// <param name="Messages">Messages compared.</param>
/// <param name="Moved">Of them, those that would go elsewhere.</param>
/// <param name="Altered">Of them, those that would go to the same place with another content or key.</param>
/// <param name="Undecided">Messages left out, because an effect's answer was not recorded and may not be asked for again.</param>
/// <param name="Moves">The moves, most frequent first.</param>
/// <param name="RecordingTruncated">True if recorded answers were left out for lack of room.</param>
public sealed record ComparisonView(
    string Flow, long Messages, long Moved, long Altered, long Undecided, IReadOnlyList<MoveView> Moves, bool RecordingTruncated)
{
    /// <summary><c>same</c>, <c>differs</c> or <c>not-enough-evidence</c>: of moves, fields, shape, scores and latency together.</summary>
    public string Verdict { get; init; } = ComparisonVerdicts.Same;

    /// <summary>Where answers came from: <c>recorded</c>, <c>stub</c> or <c>fresh</c>.</summary>
    public string Effects { get; init; } = "recorded";

    /// <summary>
    /// True if nothing was asked anew and the incumbent, run twice, agreed with itself on every message: then a difference is a fact of
    /// these messages and no matter of chance. Latency is measured and always is one.
    /// </summary>
    public bool Exact { get; init; }

    /// <summary>Messages the incumbent itself sent elsewhere when run a second time.</summary>
    public long NoiseMoved { get; init; }

    /// <summary>Messages the incumbent itself gave another content when run a second time.</summary>
    public long NoiseAltered { get; init; }

    /// <summary>Whether the moves go beyond the noise.</summary>
    public string MovedVerdict { get; init; } = ComparisonVerdicts.Same;

    /// <summary>The share that would move, and what it may be over all messages of this kind.</summary>
    public ShareView? MovedShare { get; init; }

    /// <summary>Messages per branch.</summary>
    public IReadOnlyList<PlaceCountView> Branches { get; init; } = [];

    /// <summary>Messages per sink, and those filtered or failed.</summary>
    public IReadOnlyList<PlaceCountView> Sinks { get; init; } = [];

    /// <summary>Fields of what is sent whose value differs.</summary>
    public IReadOnlyList<FieldDiffView> Fields { get; init; } = [];

    /// <summary>Fields of what is sent that came, went or changed their type.</summary>
    public IReadOnlyList<ShapeDiffView> Shape { get; init; } = [];

    /// <summary>Fields of models' answers, <c>model: field</c>: those that differ, and all that are numbers.</summary>
    public IReadOnlyList<FieldDiffView> Scores { get; init; } = [];

    /// <summary>Times of models, steps and the flow as a whole.</summary>
    public IReadOnlyList<LatencyDiffView> Latency { get; init; } = [];
}

/// <summary>The words of verdicts.</summary>
public static class ComparisonVerdicts
{
    /// <summary>Nothing differs beyond the noise.</summary>
    public const string Same = "same";

    /// <summary>Something differs beyond the noise.</summary>
    public const string Differs = "differs";

    /// <summary>Something may differ; the messages at hand cannot tell.</summary>
    public const string NotEnoughEvidence = "not-enough-evidence";

    /// <summary>Of a time: longer beyond the noise.</summary>
    public const string Slower = "slower";

    /// <summary>Of a time: shorter beyond the noise.</summary>
    public const string Faster = "faster";
}

/// <summary>Messages that would go from one place to another.</summary>
/// <param name="From">Sinks now (<c>mail.urgent + webhook-1</c>), <c>filtered (step)</c> or <c>failed (code)</c>.</param>
/// <param name="To">The same of the candidate.</param>
/// <param name="Count">How many.</param>
/// <param name="Examples">The first of them.</param>
public sealed record MoveView(string From, string To, long Count, IReadOnlyList<MoveExampleView> Examples);

/// <summary>One message that would move.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Partition">Where it stands in the flow's topic.</param>
/// <param name="Offset">Where it stands in the partition.</param>
public sealed record MoveExampleView(string Id, int Partition, long Offset);

/// <summary>A share of messages.</summary>
/// <param name="Share">As seen, 0 to 1.</param>
/// <param name="Low">Lower end of its 95 % interval (Clopper-Pearson).</param>
/// <param name="High">Upper end.</param>
public sealed record ShareView(double Share, double Low, double High);

/// <summary>Messages at one place.</summary>
/// <param name="Name">A sink, a branch, <c>filtered (step)</c> or <c>failed (code)</c>.</param>
/// <param name="Before">By the incumbent.</param>
/// <param name="Again">By the incumbent, run a second time.</param>
/// <param name="After">By the candidate.</param>
public sealed record PlaceCountView(string Name, long Before, long Again, long After);

/// <summary>A field whose value differs.</summary>
/// <param name="Path">Names joined by dots; <c>(key)</c> for the key, <c>(body)</c> for what is not JSON.</param>
/// <param name="Changed">Messages in which the candidate's differs from the incumbent's.</param>
/// <param name="Noise">Messages in which the incumbent's second run differs from its first.</param>
/// <param name="Verdict">Whether that goes beyond the noise.</param>
/// <param name="PValue">Chance of seeing as much without a difference, corrected for the number of fields; null where chance plays no part.</param>
public sealed record FieldDiffView(string Path, long Changed, long Noise, string Verdict, double? PValue)
{
    /// <summary>The share of messages in which it differs.</summary>
    public ShareView? Share { get; init; }

    /// <summary>For numbers: how far they moved.</summary>
    public NumberShiftView? Numbers { get; init; }

    /// <summary>The first messages in which it differs.</summary>
    public IReadOnlyList<FieldExampleView> Examples { get; init; } = [];
}

/// <summary>How far the numbers of a field moved.</summary>
/// <param name="Count">Messages looked at, a sample of at most 2,000.</param>
/// <param name="Shift">Mean of candidate less incumbent, message by message.</param>
/// <param name="Low">Lower end of its 95 % interval (bootstrap).</param>
/// <param name="High">Upper end.</param>
/// <param name="Before">Quantiles of the incumbent's, 0 % to 100 % in steps of 5.</param>
/// <param name="After">The same of the candidate's.</param>
public sealed record NumberShiftView(long Count, double Shift, double Low, double High, IReadOnlyList<double> Before, IReadOnlyList<double> After);

/// <summary>One message in which a field differs.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Partition">Where it stands in the flow's topic.</param>
/// <param name="Offset">Where it stands in the partition.</param>
/// <param name="Before">The value, or its kind and length where values are not shown.</param>
/// <param name="After">The candidate's.</param>
public sealed record FieldExampleView(string Id, int Partition, long Offset, string Before, string After);

/// <summary>A field that came, went or changed its type.</summary>
/// <param name="Kind"><c>added</c>, <c>removed</c> or <c>type</c>.</param>
/// <param name="Path">The field; <c>[]</c> stands for the elements of an array.</param>
/// <param name="Messages">Messages in which it did.</param>
/// <param name="Verdict">Whether that goes beyond the noise.</param>
/// <param name="Detail">The types: <c>number</c>, or <c>number -> string</c>.</param>
public sealed record ShapeDiffView(string Kind, string Path, long Messages, string Verdict, string Detail);

/// <summary>Times of a model, a step or the flow.</summary>
/// <param name="Kind"><c>model</c>, <c>step</c> or <c>flow</c>.</param>
/// <param name="Name">Its name.</param>
/// <param name="Verdict"><c>same</c>, <c>slower</c>, <c>faster</c> or <c>not-enough-evidence</c>.</param>
/// <param name="Basis"><c>measured</c> during the comparison, or <c>recorded</c> with the answers when they were given.</param>
/// <param name="Count">Messages looked at; of unpaired times the smaller number.</param>
public sealed record LatencyDiffView(string Kind, string Name, string Verdict, string Basis, long Count)
{
    /// <summary>The incumbent's version of a model; null for others.</summary>
    public string? VersionBefore { get; init; }

    /// <summary>The candidate's.</summary>
    public string? VersionAfter { get; init; }

    /// <summary>The candidate's median over the incumbent's; 1.2 is a fifth slower.</summary>
    public double Ratio { get; init; }

    /// <summary>Lower end of its 99 % interval (bootstrap).</summary>
    public double Low { get; init; }

    /// <summary>Upper end.</summary>
    public double High { get; init; }

    /// <summary>The incumbent's second run over its first: the noise.</summary>
    public double NoiseRatio { get; init; } = 1;

    /// <summary>Quantiles of the incumbent's in milliseconds, 0 % to 100 % in steps of 5.</summary>
    public IReadOnlyList<double> Before { get; init; } = [];

    /// <summary>The same of the candidate's.</summary>
    public IReadOnlyList<double> After { get; init; } = [];
}
