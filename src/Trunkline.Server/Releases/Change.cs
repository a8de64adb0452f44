namespace Trunkline.Server.Releases;

/// <summary>An entry of who changed what. No payloads, no secrets.</summary>
/// <param name="Id">Its id.</param>
/// <param name="At">When.</param>
/// <param name="Who">Token name, <c>local</c>, or <c>file</c> for what the node found at start.</param>
/// <param name="What">What was done: <c>apply</c>, <c>activate</c>, <c>deployment</c>, …</param>
/// <param name="Target">What it was done to.</param>
/// <param name="From">State before, or null.</param>
/// <param name="To">State after, or null.</param>
/// <param name="Detail">For people, or null.</param>
internal sealed record Change(string Id, DateTimeOffset At, string Who, string What, string Target, string? From, string? To, string? Detail)
{
    /// <summary>True of the project's first revision: there was nothing before that it could have changed.</summary>
    public bool IsBeginning => this is { What: "apply", Target: "project", From: null };
}
