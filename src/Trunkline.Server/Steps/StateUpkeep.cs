using Trunkline.Server.State;

namespace Trunkline.Server.Steps;

/// <summary>What is done to a key's state without running the flow, in order with the key's messages.</summary>
internal static class StateUpkeep
{
    /// <summary>The step results name.</summary>
    public const string Step = "state";

    /// <summary>True if the visit runs no message.</summary>
    public static bool Is(StateVisit? visit) => visit is StateVisit.Sweep or StateVisit.Drop;

    /// <summary>Removes what has expired, or what an operator wants gone.</summary>
    public static async ValueTask<PipelineResult> RunAsync(PipelineInput input, CancellationToken cancellationToken)
    {
        var visit = input.Visit!;
        var before = await input.States!.ReadAsync(visit.Key, cancellationToken).ConfigureAwait(false);
        var after = visit is StateVisit.Sweep ? Swept(before, input.Stored.AppendedAt) : KeyState.None;
        var change = before.IsNone || ReferenceEquals(before, after) ? null : new StateChange(visit.Key, before, after);
        return new PipelineResult.Filtered(Step) { State = change is null ? null : new StateOutcome(change, null) };
    }

    private static KeyState Swept(KeyState state, DateTimeOffset now) =>
        state.ExpiresAt is not { } expires ? state
        : expires <= now ? state with { Value = default, ExpiresAt = null, SweepAt = null }
        : state with { SweepAt = expires };
}
