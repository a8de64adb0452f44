using System.Globalization;
using Trunkline.Cli.Terminal;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Commands;

/// <summary>What a candidate would do, as text.</summary>
internal static class DiffText
{
    private const int ExamplesMax = 3;

    public static void Write(Output text, DiffDocument document)
    {
        foreach (var flow in document.Flows)
        {
            text.Line($"{flow.Flow}: {Amount.Count(flow.Moved)} of {Amount.Count(flow.Messages)} recorded messages would go elsewhere{Also(flow)}");
            foreach (var move in flow.Moves)
            {
                text.Line($"  {Amount.Count(move.Count),7}  {move.From} -> {move.To}");
                foreach (var example in move.Examples.Take(ExamplesMax))
                {
                    text.Line(string.Create(CultureInfo.InvariantCulture, $"           {example.Partition}/{example.Offset}  {example.Id}"));
                }
            }
        }

        if (document.Flows.Count == 0)
        {
            text.Line("No flow of the node reads a topic, so there is nothing recorded to run.");
        }

        if (document.LimitExceeded)
        {
            text.Note("more than --max-moved allows");
        }
    }

    private static string Also(ComparisonView flow)
    {
        var also = flow.Altered > 0 ? $"; {Amount.Count(flow.Altered)} would arrive changed" : "";
        also += flow.Undecided > 0 ? $"; {Amount.Count(flow.Undecided)} cannot be told: an answer they need was not recorded" : "";
        return also + (flow.RecordingTruncated ? "; recorded answers were left out for lack of room" : "") + ".";
    }
}
