using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Server.Erasure;

/// <summary>
/// The erasure under way, and what it found, in the state store <c>trunkline.erasure</c>: so that after a crash it goes on. Holds the
/// subject until all is erased; then both are deleted, before the files are rewritten. One erasure at a time.
/// </summary>
internal sealed class ErasurePlan(IBroker broker)
{
    private const string Store = "trunkline.erasure";
    private const int OffsetsPerEntry = 8_000;
    private const int EntriesPerUnit = 64;

    private static readonly byte[] JobKey = "job"u8.ToArray();
    private static readonly byte[] FindPrefix = "find/"u8.ToArray();

    /// <summary>The erasure under way; null if there is none.</summary>
    public async Task<ErasureJob?> ReadAsync(CancellationToken cancellationToken)
    {
        var stored = await broker.ReadStateAsync(Store, 0, JobKey, cancellationToken);
        return stored is { } bytes ? JsonSerializer.Deserialize(bytes.Span, ErasureJson.Default.ErasureJob) : null;
    }

    /// <summary>The write that keeps the job; null removes it.</summary>
    public static StateWrite Write(ErasureJob? job) =>
        new(Store, 0, JobKey, job is null ? null : (ReadOnlyMemory<byte>?)JsonSerializer.SerializeToUtf8Bytes(job, ErasureJson.Default.ErasureJob));

    public async Task WriteAsync(ErasureJob job, CancellationToken cancellationToken) =>
        await broker.CommitAsync(new CommitUnit { State = [Write(job)] }, cancellationToken);

    /// <summary>Writes down what was found, and last that it is whole.</summary>
    public async Task KeepAsync(ErasureFinds finds, ErasureJob job, CancellationToken cancellationToken)
    {
        var number = 0;
        foreach (var entries in Entries(finds).Chunk(EntriesPerUnit))
        {
            await broker.CommitAsync(
                new CommitUnit { State = [.. entries.Select(entry => new StateWrite(Store, 0, (byte[])[.. FindPrefix, .. BigEndian(number++)], entry))] }, cancellationToken);
        }

        await WriteAsync(job, cancellationToken);
    }

    /// <summary>What was found before.</summary>
    public async Task<ErasureFinds> FindsAsync(CancellationToken cancellationToken)
    {
        var finds = new ErasureFinds();
        await foreach (var entry in broker.ScanStateAsync(Store, 0, FindPrefix, cancellationToken))
        {
            using var reader = new BinaryReader(new MemoryStream(entry.Value.ToArray()), Encoding.UTF8);
            var (topic, partition, count) = (reader.ReadString(), reader.ReadInt32(), reader.ReadInt32());
            for (var i = 0; i < count; i++)
            {
                if (topic.Length == 0)
                {
                    finds.AddIdentity(new UInt128(reader.ReadUInt64(), reader.ReadUInt64()));
                }
                else
                {
                    finds.Add(topic, new Position(partition, reader.ReadInt64()));
                }
            }
        }

        return finds;
    }

    /// <summary>Forgets what was found, and replaces the job by one without its subject.</summary>
    public async Task ForgetAsync(ErasureJob job, CancellationToken cancellationToken)
    {
        var keys = new List<ReadOnlyMemory<byte>>();
        await foreach (var entry in broker.ScanStateAsync(Store, 0, FindPrefix, cancellationToken))
        {
            keys.Add(entry.Key);
        }

        foreach (var some in keys.Chunk(EntriesPerUnit))
        {
            await broker.CommitAsync(new CommitUnit { State = [.. some.Select(key => new StateWrite(Store, 0, key, null))] }, cancellationToken);
        }

        await WriteAsync(job with { Value = null }, cancellationToken);
    }

    private static IEnumerable<byte[]> Entries(ErasureFinds finds)
    {
        foreach (var (topic, partition, offsets) in finds.Places)
        {
            foreach (var some in offsets.Chunk(OffsetsPerEntry))
            {
                yield return Entry(topic, partition, some.Length, writer => Array.ForEach(some, writer.Write));
            }
        }

        foreach (var some in finds.Identities.Chunk(OffsetsPerEntry))
        {
            yield return Entry("", 0, some.Length, writer => Array.ForEach(some, hash =>
            {
                writer.Write((ulong)(hash >> 64));
                writer.Write((ulong)hash);
            }));
        }
    }

    private static byte[] Entry(string topic, int partition, int count, Action<BinaryWriter> write)
    {
        var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(topic);
        writer.Write(partition);
        writer.Write(count);
        write(writer);
        writer.Flush();
        return stream.ToArray();
    }

    private static byte[] BigEndian(int number)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        return bytes;
    }
}
