namespace Trunkline.Client.Api;

/// <summary>Asks for a backup of the node's store.</summary>
/// <param name="Directory">An absolute path on the node's machine, of a folder that does not exist yet.</param>
public sealed record BackupRequest(string Directory);

/// <summary>A backup that was taken.</summary>
/// <param name="Directory">Where it is, on the node's machine.</param>
/// <param name="TakenAt">When it was begun; everything acknowledged before is in it.</param>
/// <param name="Sequence">The number of the last change that is certainly in it.</param>
/// <param name="Topics">Topics in it.</param>
/// <param name="Messages">Messages in them, counted by offsets.</param>
public sealed record BackupView(string Directory, DateTimeOffset TakenAt, ulong Sequence, int Topics, long Messages);
