namespace Trunkline.Client.Api;

/// <summary>The parked keys of a flow.</summary>
/// <param name="Keys">At most 1,000.</param>
public sealed record ParkedKeyList(IReadOnlyList<ParkedKeyView> Keys);

/// <summary>A key whose message failed for good, and behind which later messages wait in order.</summary>
/// <param name="Key">The key read as UTF-8, for people.</param>
/// <param name="KeyBase64">The key's bytes, to name it by.</param>
/// <param name="Partition">Its partition.</param>
/// <param name="Waiting">Messages that wait, the failed one included.</param>
public sealed record ParkedKeyView(string Key, string KeyBase64, int Partition, int Waiting);

/// <summary>Asks to release a parked key.</summary>
/// <param name="KeyBase64">The key's bytes, as the list tells them.</param>
/// <param name="SkipFailed">True leaves the failed message out (it stays a dead letter); false runs it first.</param>
public sealed record ReleaseKeyRequest(string KeyBase64, bool SkipFailed = false);

/// <summary>What came of it.</summary>
/// <param name="Outcome"><c>Released</c>, <c>NotParked</c>, <c>FailedAgain</c> or <c>Interrupted</c>.</param>
public sealed record ReleaseKeyResult(string Outcome);
