using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Server.Api.Events;

/// <summary>
/// One client's stream of server-sent events. Holds one batch at a time; waits for the client whenever it has not taken
/// what was written, so that a slow one costs no memory.
/// </summary>
internal sealed class TopicStream(PipeWriter output, IBroker broker, string topic, TimeProvider clock)
{
    private const int BatchMessages = 100;
    private const int BatchBytes = 1024 * 1024;
    private const int FlushBytes = 32 * 1024;

    private ArrayBufferWriter<byte> _json = new(1024);

    /// <summary>Streams until cancelled.</summary>
    public async Task RunAsync(TopicCursor place, TimeSpan heartbeat, CancellationToken cancellationToken)
    {
        // Per partition what completes when there is more to read; null where that is not known.
        var waits = new Task?[place.Next.Length];
        output.Write(": trunkline\n\n"u8);
        await output.FlushAsync(cancellationToken);
        while (true)
        {
            var sent = 0;
            for (var i = 0; i < waits.Length; i++)
            {
                if (waits[i] is { IsCompleted: false })
                {
                    continue;
                }

                await (waits[i] ?? Task.CompletedTask);
                var count = await CopyAsync(place, i, cancellationToken);
                waits[i] = count > 0 ? null : broker.WaitAsync(topic, place.PartitionAt(i), place.Next[i], cancellationToken).AsTask();
                sent += count;
            }

            if (sent == 0 && !await AnyAsync(waits, heartbeat, cancellationToken))
            {
                output.Write(": still here\n\n"u8);
                await output.FlushAsync(cancellationToken);
            }
        }
    }

    private async Task<bool> AnyAsync(Task?[] waits, TimeSpan heartbeat, CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var beat = Task.Delay(heartbeat, clock, ended.Token);
        var first = await Task.WhenAny([.. waits.OfType<Task>(), beat]);
        await ended.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
        return first != beat;
    }

    private async ValueTask<int> CopyAsync(TopicCursor place, int index, CancellationToken cancellationToken)
    {
        var batch = await broker.ReadAsync(new ReadRequest(topic, place.PartitionAt(index), place.Next[index], BatchMessages, BatchBytes), cancellationToken);
        var unflushed = 0;
        foreach (var stored in batch)
        {
            place.Next[index] = stored.Position.Offset + 1;
            unflushed += Write(stored, place.Format(topic));
            if (unflushed > FlushBytes)
            {
                unflushed = 0;
                await output.FlushAsync(cancellationToken);
            }
        }

        if (unflushed > 0)
        {
            await output.FlushAsync(cancellationToken);
        }

        return batch.Count;
    }

    private int Write(StoredMessage stored, string cursor)
    {
        if (_json.Capacity > BatchBytes)
        {
            _json = new ArrayBufferWriter<byte>(1024);
        }

        _json.ResetWrittenCount();
        using (var writer = new Utf8JsonWriter(_json, EventWriter.Options))
        {
            EventWriter.Write(writer, topic, stored);
        }

        output.Write("id: "u8);
        output.Write(Encoding.ASCII.GetBytes(cursor));

        // A payload may be JSON over several lines; between tokens any line end is as good as another.
        var rest = _json.WrittenSpan;
        while (true)
        {
            output.Write("\ndata: "u8);
            var end = rest.IndexOfAny((byte)'\n', (byte)'\r');
            output.Write(end < 0 ? rest : rest[..end]);
            if (end < 0)
            {
                break;
            }

            rest = rest[(end + 1)..];
        }

        output.Write("\n\n"u8);
        return _json.WrittenCount + cursor.Length;
    }
}
