namespace Trunkline.Server.Releases;

/// <summary>What a revision would change, and what speaks against it.</summary>
/// <param name="Entries">The differences: owners, topics, models, flows, each by name.</param>
/// <param name="Refusals">What speaks against it; empty if nothing does.</param>
internal sealed record ReleasePlan(IReadOnlyList<PlanEntry> Entries, IReadOnlyList<PlanRefusal> Refusals)
{
    /// <summary>True if it may be done.</summary>
    /// <param name="force">Whether what can be forced is.</param>
    public bool IsAllowed(bool force) => Refusals.All(r => force && r.CanForce);
}

/// <summary>What happens to an item.</summary>
internal enum PlanAction
{
    /// <summary>It is new.</summary>
    Add,

    /// <summary>It differs.</summary>
    Change,

    /// <summary>It goes.</summary>
    Remove,
}

/// <summary>One difference.</summary>
/// <param name="Action">What happens.</param>
/// <param name="Kind"><c>topic</c>, <c>model</c>, <c>flow</c> or <c>owner</c>.</param>
/// <param name="Name">Its name.</param>
/// <param name="Details">For people: which facts change, and what follows. Secrets are never shown.</param>
internal sealed record PlanEntry(PlanAction Action, string Kind, string Name, IReadOnlyList<string> Details)
{
    /// <summary><c>~ flow triage: steps[3].map: a -> b</c></summary>
    public override string ToString()
    {
        var sign = Action switch { PlanAction.Add => "+", PlanAction.Remove => "-", _ => "~" };
        return Details.Count == 0 ? $"{sign} {Kind} {Name}" : $"{sign} {Kind} {Name}: {string.Join("; ", Details)}";
    }
}

/// <summary>Something that speaks against a revision.</summary>
/// <param name="Kind"><c>topic</c>, <c>flow</c>, …</param>
/// <param name="Name">The item's name.</param>
/// <param name="Reason">Why, and how to mend it.</param>
/// <param name="CanForce">True if it may be done all the same, when forced.</param>
internal sealed record PlanRefusal(string Kind, string Name, string Reason, bool CanForce);
