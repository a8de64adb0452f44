using Trunkline.Messaging;

namespace Trunkline.Server.Releases.Comparison;

/// <summary>Where recorded messages went and where the candidate would send them.</summary>
/// <param name="Flow">The flow.</param>
/// <param name="Messages">Messages compared.</param>
/// <param name="Moved">Of them, those that would go elsewhere.</param>
/// <param name="Altered">Of them, those that would go to the same place with another content or key.</param>
/// <param name="Undecided">Messages left out, because an effect's answer was not recorded and the replay may not ask for it.</param>
/// <param name="Moves">The moves, most frequent first.</param>
/// <param name="RecordingTruncated">True if recorded answers were left out for lack of room.</param>
internal sealed record ComparisonReport(
    string Flow, long Messages, long Moved, long Altered, long Undecided, IReadOnlyList<Move> Moves, bool RecordingTruncated);

/// <summary>Messages that would go from one place to another.</summary>
/// <param name="From">Sinks of the incumbent (<c>mail.urgent + webhook-1</c>), <c>filtered (step)</c> or <c>failed (code)</c>.</param>
/// <param name="To">The same of the candidate.</param>
/// <param name="Count">How many.</param>
/// <param name="Examples">The first of them.</param>
internal sealed record Move(string From, string To, long Count, IReadOnlyList<MoveExample> Examples);

/// <summary>One message that would move.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Position">Where it stands in the flow's topic.</param>
internal sealed record MoveExample(string Id, Position Position);
