using Trunkline.Messaging.Brokers;

namespace Trunkline.Server.Flows;

/// <summary>That an operator paused a flow: state, so that it stays paused over restarts until it is resumed.</summary>
/// <remarks>Store <c>flow.&lt;name&gt;</c>, partition 0, key <c>paused</c>; there while it is paused.</remarks>
internal static class FlowPause
{
    private static readonly byte[] StateKey = "paused"u8.ToArray();

    /// <summary>Whether the flow was paused and not resumed since.</summary>
    public static async Task<bool> IsKeptAsync(IBroker broker, string flow, CancellationToken cancellationToken) =>
        broker.Capabilities.HasFlag(BrokerCapabilities.State)
        && await broker.ReadStateAsync(FlowNames.FlowStore(flow), 0, StateKey, cancellationToken) is not null;

    /// <summary>Keeps it; durable when it returns. A broker without state forgets it at the next start.</summary>
    public static async Task KeepAsync(IBroker broker, string flow, bool isPaused, CancellationToken cancellationToken)
    {
        if (broker.Capabilities.HasFlag(BrokerCapabilities.State))
        {
            var write = new StateWrite(FlowNames.FlowStore(flow), 0, StateKey, isPaused ? (ReadOnlyMemory<byte>?)new byte[] { 1 } : null);
            await broker.CommitAsync(new CommitUnit { State = [write] }, cancellationToken);
        }
    }
}
