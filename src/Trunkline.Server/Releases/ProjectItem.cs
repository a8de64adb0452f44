namespace Trunkline.Server.Releases;

/// <summary>
/// One topic, model, flow or owner of a project as plain facts. What a revision is hashed from and what a plan compares are
/// the same facts, so that whatever makes a new revision also shows in its plan.
/// </summary>
/// <param name="Kind"><c>owner</c>, <c>topic</c>, <c>model</c> or <c>flow</c>.</param>
/// <param name="Name">Its name.</param>
/// <param name="Facts">Value by path (<c>steps[3].map</c>), every default written out; secrets only as <see cref="SecretMark"/> and a keyed hash.</param>
internal sealed record ProjectItem(string Kind, string Name, IReadOnlyDictionary<string, string> Facts)
{
    /// <summary>Begins a fact that must not be shown.</summary>
    public const string SecretMark = "hidden:";
}
