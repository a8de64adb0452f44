namespace Trunkline.Server.Releases;

/// <summary>A revision as <c>trunkline.revisions</c> holds it: the files as written, variables not put in.</summary>
/// <param name="Number">From 1, never given twice.</param>
/// <param name="Hash">See <see cref="RevisionHash"/>.</param>
/// <param name="Main">The file to start at; null if the project was made in code.</param>
/// <param name="Files">Text by path relative to the project's folder.</param>
/// <param name="AppliedAt">When it was first installed.</param>
/// <param name="AppliedBy">By whom.</param>
internal sealed record RevisionRecord(int Number, string Hash, string? Main, IReadOnlyDictionary<string, string> Files, DateTimeOffset AppliedAt, string AppliedBy);

/// <summary>A revision without its files.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Hash">Its hash.</param>
/// <param name="AppliedAt">When it was first installed.</param>
/// <param name="AppliedBy">By whom.</param>
/// <param name="Offset">Where its record stands.</param>
internal sealed record RevisionEntry(int Number, string Hash, DateTimeOffset AppliedAt, string AppliedBy, long Offset);

/// <summary>Which revision is in force, and what the node's own file last held.</summary>
/// <param name="Number">The revision in force.</param>
/// <param name="FileHash">Hash of the file's project when a node last started with it; null if none has.</param>
internal sealed record RevisionPointer(int Number, string? FileHash);

/// <summary>The salt of secret hashes.</summary>
/// <param name="Salt">32 random bytes.</param>
internal sealed record RevisionSalt(byte[] Salt);
