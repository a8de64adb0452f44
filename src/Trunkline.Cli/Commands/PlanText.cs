using Trunkline.Cli.Terminal;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Commands;

/// <summary>What a revision changes, as text.</summary>
internal static class PlanText
{
    public static void Write(Action<string> line, PlanView plan)
    {
        if (plan.Changes.Count == 0 && plan.Refusals.Count == 0)
        {
            line($"Nothing to do: revision {plan.From} is the same project.");
            return;
        }

        foreach (var change in plan.Changes)
        {
            var sign = change.Action switch { "add" => "+", "remove" => "-", _ => "~" };
            line($"  {sign} {change.Kind} {change.Name}{(change.Detail is null ? "" : $": {change.Detail}")}");
        }

        foreach (var refusal in plan.Refusals)
        {
            line($"  ! {refusal.Kind} {refusal.Name}: {refusal.Reason}{(refusal.CanForce ? " (--force does it all the same)" : "")}");
        }
    }

    public static void WriteDone(Output text, PlanView plan) =>
        text.Line(plan.To is { } revision && revision != plan.From
            ? $"Revision {revision} is in force (before: {plan.From})."
            : $"Nothing to do: revision {plan.From} is in force.");
}
