namespace Trunkline.Client.Api;

/// <summary>All revisions the node knows.</summary>
/// <param name="Current">Number of the one in force.</param>
/// <param name="Revisions">Newest first.</param>
public sealed record RevisionList(long Current, IReadOnlyList<RevisionView> Revisions);

/// <summary>A numbered, content-hashed state of the whole project.</summary>
/// <param name="Number">Rises by one.</param>
/// <param name="Hash">Lower-case hex SHA-256 of its content.</param>
/// <param name="AppliedAt">When it was installed.</param>
/// <param name="AppliedBy">Token name, or <c>local</c>.</param>
/// <param name="Current">True for the one in force.</param>
public sealed record RevisionView(long Number, string Hash, DateTimeOffset AppliedAt, string AppliedBy, bool Current);

/// <summary>A project to install: its files as text, references to the environment already resolved by the sender's node or not at all.</summary>
public sealed record ApplyRequest
{
    /// <summary>The main file's path among <see cref="Files"/>.</summary>
    public required string Main { get; init; }

    /// <summary>File contents by path relative to the project's folder, <c>/</c>-separated.</summary>
    public required IReadOnlyDictionary<string, string> Files { get; init; }

    /// <summary>Only show the plan. Default false.</summary>
    public bool DryRun { get; init; }

    /// <summary>Do it although something speaks against it that can be forced, such as unread messages. Default false.</summary>
    public bool Force { get; init; }

    /// <summary>Refuse unless this revision is the one in force; null does not ask.</summary>
    public long? ExpectedRevision { get; init; }
}

/// <summary>How to put a known revision in force.</summary>
public sealed record ActivateRequest
{
    /// <summary>Only show the plan. Default false.</summary>
    public bool DryRun { get; init; }

    /// <summary>Do it although something speaks against it that can be forced. Default false.</summary>
    public bool Force { get; init; }

    /// <summary>Refuse unless this revision is the one in force; null does not ask.</summary>
    public long? ExpectedRevision { get; init; }
}

/// <summary>What an apply changes, or changed.</summary>
/// <param name="From">Revision in force before.</param>
/// <param name="To">Revision in force after; null if it was only a plan.</param>
/// <param name="Changes">What differs; empty if nothing does.</param>
public sealed record PlanView(long From, long? To, IReadOnlyList<PlanChange> Changes)
{
    /// <summary>What speaks against it; empty if nothing does.</summary>
    public IReadOnlyList<PlanRefusalView> Refusals { get; init; } = [];
}

/// <summary>Something that speaks against a revision.</summary>
/// <param name="Kind"><c>topic</c>, <c>flow</c> or <c>revision</c>.</param>
/// <param name="Name">Its name.</param>
/// <param name="Reason">Why, and how to mend it.</param>
/// <param name="CanForce">True if <c>force</c> overrides it.</param>
public sealed record PlanRefusalView(string Kind, string Name, string Reason, bool CanForce);

/// <summary>One difference between two revisions.</summary>
/// <param name="Action"><c>add</c>, <c>change</c> or <c>remove</c>.</param>
/// <param name="Kind"><c>topic</c>, <c>model</c>, <c>flow</c>, <c>owner</c>.</param>
/// <param name="Name">Its name.</param>
/// <param name="Detail">For people; null if there is nothing to add.</param>
public sealed record PlanChange(string Action, string Kind, string Name, string? Detail);

/// <summary>A page of changes.</summary>
/// <param name="Changes">Newest first.</param>
/// <param name="Next">Query string of the following page, or null.</param>
public sealed record ChangeList(IReadOnlyList<ChangeView> Changes, string? Next);

/// <summary>An entry of who changed what.</summary>
/// <param name="Id">Its id.</param>
/// <param name="At">When.</param>
/// <param name="Who">Token name, or <c>local</c>.</param>
/// <param name="What">What was done: <c>apply</c>, <c>rollback</c>, <c>deployment</c>, …</param>
/// <param name="Target">What it was done to.</param>
/// <param name="From">State before, or null.</param>
/// <param name="To">State after, or null.</param>
/// <param name="Detail">For people, or null.</param>
public sealed record ChangeView(string Id, DateTimeOffset At, string Who, string What, string Target, string? From, string? To, string? Detail);

/// <summary>A change told from outside, such as a deployment of a product that uses the node.</summary>
/// <param name="What">What was done, 1 to 64 of <c>a-z 0-9 . -</c>.</param>
/// <param name="Target">What it was done to, 1 to 256 characters.</param>
/// <param name="From">State before, or null.</param>
/// <param name="To">State after, or null.</param>
/// <param name="Detail">For people, at most 4096 characters, or null.</param>
public sealed record ReportChangeRequest(string What, string Target, string? From = null, string? To = null, string? Detail = null);
