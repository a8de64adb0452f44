namespace Trunkline.Client.Api;

/// <summary>The answer to "can I deploy".</summary>
/// <param name="Summary">The answer, and how many pairs stand behind it.</param>
/// <param name="Notices">Why, or why not.</param>
public sealed record DeployView(DeploySummary Summary, IReadOnlyList<DeployNotice> Notices);

/// <summary>How many pairs of versions are verified.</summary>
/// <param name="Deployable">True if all are, successfully.</param>
/// <param name="Success">Pairs verified.</param>
/// <param name="Failed">Pairs whose verification failed.</param>
/// <param name="Unknown">Pairs nobody has verified.</param>
public sealed record DeploySummary(bool Deployable, int Success, int Failed, int Unknown);

/// <summary>A reason.</summary>
/// <param name="Type"><c>success</c> or <c>error</c>.</param>
/// <param name="Text">The reason.</param>
public sealed record DeployNotice(string Type, string Text);
