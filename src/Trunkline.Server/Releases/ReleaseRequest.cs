namespace Trunkline.Server.Releases;

/// <summary>Who asks for a release, and how.</summary>
/// <param name="Who">Token name, or <c>local</c>.</param>
/// <param name="DryRun">Only plan.</param>
/// <param name="Force">Do it although something speaks against it that can be forced.</param>
/// <param name="Expected">Refuse unless this revision is in force; null does not ask.</param>
internal sealed record ReleaseRequest(string Who, bool DryRun = false, bool Force = false, int? Expected = null);
