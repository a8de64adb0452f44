using System.Globalization;

namespace Trunkline.Server.FlowTests;

/// <summary>What became of a message, as tests write it: <c>branch-1</c>, <c>filtered</c>, <c>dead</c>.</summary>
internal static class FlowTestOutcome
{
    public const string Filtered = "filtered";
    public const string Dead = "dead";

    /// <summary>It neither reached an end nor failed for good.</summary>
    public const string Waiting = "waiting";

    private const string Branch = "branch-";

    /// <summary>The outcome of a branch, counted from 0.</summary>
    public static string OfBranch(int index) => Branch + (index + 1).ToString(CultureInfo.InvariantCulture);

    /// <summary>The branch, counted from 0; null if it is none.</summary>
    public static int? BranchOf(string outcome) =>
        outcome.StartsWith(Branch, StringComparison.Ordinal)
        && int.TryParse(outcome.AsSpan(Branch.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= 1000
            ? number - 1
            : null;
}
