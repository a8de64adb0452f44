namespace Trunkline.Client.Api;

/// <summary>Asks what a project that might follow would do with recorded messages.</summary>
public sealed record CompareRequest
{
    /// <summary>The main file's path among <see cref="Files"/>.</summary>
    public required string Main { get; init; }

    /// <summary>File contents by path relative to the project's folder, <c>/</c>-separated.</summary>
    public required IReadOnlyDictionary<string, string> Files { get; init; }

    /// <summary>Messages read at most, the newest of each partition, 1 to 1,000,000. Default 100,000.</summary>
    public int? MessagesMax { get; init; }

    /// <summary>Examples per kind of move, 0 to 1,000. Default 10.</summary>
    public int? ExamplesMax { get; init; }
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
    string Flow, long Messages, long Moved, long Altered, long Undecided, IReadOnlyList<MoveView> Moves, bool RecordingTruncated);

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
