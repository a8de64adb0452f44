using Trunkline.Client.Api;
using Trunkline.Core.Errors;
using Trunkline.Server.Configuration;

namespace Trunkline.Server.Readers;

/// <summary>
/// What recorded messages, run through the flow as it is to be, say of its contracts. What is added passes; what would fail, go missing or change
/// its type does not, and what cannot be told counts against it. Where messages go otherwise is no matter of contracts.
/// </summary>
internal static class ReplayFindings
{
    private const string Failed = "failed (";

    /// <summary>The case of a flow.</summary>
    public static ContractCase CaseOf(FlowConfig flow) => new($"flow {flow.Name}", "replay");

    /// <summary>Everything that is wrong.</summary>
    public static IEnumerable<ContractFinding> Of(FlowConfig flow, ContractFinding about, ComparisonView view)
    {
        var all = view.Messages + view.Undecided;
        foreach (var move in view.MovedVerdict == ComparisonVerdicts.Same ? [] : view.Moves.Where(one => one.To.StartsWith(Failed, StringComparison.Ordinal)))
        {
            var example = move.Examples.Count == 0 ? "" : FormattableString.Invariant($", such as the one at partition {move.Examples[0].Partition}, offset {move.Examples[0].Offset}");
            yield return about with
            {
                Code = ErrorCodes.ContractReplayFailed,
                Message = FormattableString.Invariant($"flow {flow.Name}: {move.Count} of {all} recorded messages went to {move.From} and would now end as {move.To}{example}{OwnerOf(flow)}"),
            };
        }

        foreach (var shape in view.Shape.Where(one => one.Kind != "added" && one.Verdict != ComparisonVerdicts.Same))
        {
            var what = shape.Kind == "removed" ? "is no longer sent" : $"changes its type, {shape.Detail},";
            yield return about with
            {
                Code = ErrorCodes.ContractReplayReshaped,
                Field = shape.Path,
                Message = FormattableString.Invariant($"flow {flow.Name}: '{shape.Path}' {what} in {shape.Messages} of {all} recorded messages{OwnerOf(flow)}"),
            };
        }

        if (view.Undecided > 0)
        {
            yield return about with
            {
                Code = ErrorCodes.ContractReplayUndecided,
                Message = FormattableString.Invariant($"flow {flow.Name}: of {view.Undecided} of {all} recorded messages it cannot be told, because an answer from outside was not recorded{OwnerOf(flow)}"),
            };
        }
    }

    private static string OwnerOf(FlowConfig flow) => flow.Owner is null ? " (nobody is named as owner)" : $" (owner {flow.Owner})";
}
