using Trunkline.Messaging.Brokers;

namespace Trunkline.Server.Flows.Poison;

/// <summary>Keeps the <see cref="PartitionLife"/> of a flow's partitions. Thread-safe.</summary>
internal sealed class LifeBook(FlowRunnerOptions options)
{
    private readonly HashSet<int> _open = [];

    private bool IsKept => options.Broker.Capabilities.HasFlag(BrokerCapabilities.State);

    /// <summary>Begins a life of each partition, in one unit.</summary>
    /// <param name="partitions">The partitions, which are ours now.</param>
    /// <param name="keepsOffsets">Whether an offset names the same message after a restart; else only the deaths as such are known.</param>
    /// <param name="cancellationToken">Ends the reading and writing.</param>
    public async Task<IReadOnlyDictionary<int, PartitionLife>> BeginAsync(
        IReadOnlyList<PartitionAssignment> partitions, bool keepsOffsets, CancellationToken cancellationToken)
    {
        var lives = new Dictionary<int, PartitionLife>();
        var topic = keepsOffsets && IsKept ? await options.Broker.DescribeTopicAsync(options.Topic, cancellationToken) : null;
        foreach (var (partition, progress) in partitions)
        {
            var before = IsKept ? await ReadAsync(partition, cancellationToken) : null;
            var end = topic?.Partitions[partition].HighOffset ?? 0;
            var life = PartitionLife.After(before, options.Process, progress, end, options.Limits.PartitionInFlightMax);
            lives.Add(partition, life);
            if (life.IsCareful)
            {
                Log.SuspectsAlone(options.Log, options.Flow, partition, life.Deaths, progress.Next, life.LastSuspect);
            }
        }

        await WriteAsync(lives.Select(l => Entry(l.Key, l.Value)), cancellationToken);
        lock (_open)
        {
            _open.UnionWith(lives.Keys);
        }

        return lives;
    }

    /// <summary>Changes what is kept of a life; durable when it returns.</summary>
    public Task ChangeAsync(int partition, PartitionLife life, CancellationToken cancellationToken) => WriteAsync([Entry(partition, life)], cancellationToken);

    /// <summary>The orderly end of all lives begun.</summary>
    public async Task EndAsync()
    {
        int[] open;
        lock (_open)
        {
            open = [.. _open];
            _open.Clear();
        }

        try
        {
            await WriteAsync(open.Select(partition => Entry(partition, null)), CancellationToken.None);
        }
        catch (BrokerException failed)
        {
            // The next start takes it for a death: it only looks closer.
            Log.EndNotKept(options.Log, options.Flow, failed.Code, failed);
        }
    }

    private async Task<PartitionLife?> ReadAsync(int partition, CancellationToken cancellationToken) =>
        await options.Broker.ReadStateAsync(options.Store, partition, PartitionLife.StateKey, cancellationToken) is { } stored
            ? PartitionLife.Read(stored.Span)
            : null;

    private StateWrite Entry(int partition, PartitionLife? life) =>
        new(options.Store, partition, PartitionLife.StateKey, life is null ? null : (ReadOnlyMemory<byte>?)life.Write());

    private async Task WriteAsync(IEnumerable<StateWrite> writes, CancellationToken cancellationToken)
    {
        StateWrite[] state = [.. writes];
        if (IsKept && state.Length > 0)
        {
            await options.Broker.CommitAsync(new CommitUnit { State = state }, cancellationToken);
        }
    }
}
