using Trunkline.Client;
using Trunkline.Messaging.Checking;

namespace Trunkline.EndToEnd.Tests.Soak;

/// <summary>
/// Reads every partition of both topics once, from the first offset on, behind the writers and ahead of retention; what it reads goes to a
/// journal as what is stored.
/// </summary>
internal sealed class TailReader(SoakNode node, string folder)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private readonly Dictionary<(string Topic, int Partition), long> _next =
        (from topic in new[] { "in", "out" } from partition in Enumerable.Range(0, SoakProject.Partitions) select (topic, partition)).ToDictionary(place => place, _ => 0L);

    /// <summary>Offsets that were removed before they were read; then the soak proves nothing of them.</summary>
    public List<string> Missed { get; } = [];

    /// <summary>Messages read, both topics.</summary>
    public long Read => _next.Values.Sum();

    /// <summary>Reads until told to stop, then on to the ends as they are.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var journal = new JournalWriter(Path.Combine(folder, "stored.ndjson"));
        for (var last = false; ;)
        {
            var stopping = stop.IsCancellationRequested;
            try
            {
                var any = false;
                foreach (var (topic, partition) in _next.Keys.ToList())
                {
                    any |= await ReadAsync(topic, partition, journal);
                }

                if (!any && last)
                {
                    return;
                }

                last = stopping;
                if (!any)
                {
                    await Task.Delay(Pause, TimeProvider.System, CancellationToken.None);
                }
            }
            catch (Exception refused) when (!stopping && refused is TrunklineException or NodeUnreachableException)
            {
                await Task.Delay(Pause, TimeProvider.System, CancellationToken.None);
            }
        }
    }

    private async Task<bool> ReadAsync(string topic, int partition, JournalWriter journal)
    {
        var next = _next[(topic, partition)];
        var page = await node.Client.ReadAsync(topic, ReadFrom.Offset(partition, next), 500, CancellationToken.None);
        var messages = page.Messages;
        if (messages.Count == 0)
        {
            return false;
        }

        if (messages[0].Offset != next)
        {
            Missed.Add($"{topic}/{partition} offsets {next} to {messages[0].Offset - 1}");
        }

        journal.Write(sync: false, messages.Select(m => new JournalEntry.Stored("tail", topic, m.Partition, m.Offset, Seen.Id(m), Seen.Hash(m))));
        _next[(topic, partition)] = messages[^1].Offset + 1;
        return true;
    }
}
