using System.Buffers.Binary;
using System.Text;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Server.State;

/// <summary>
/// How state is stored, in the store <c>flow.&lt;name&gt;</c>; docs/formats/flow-state.md. An entry <c>state/key</c> a key, and, for each timer and
/// expiry, an entry <c>due/time name key</c>, so that a scan gives them in order of time.
/// </summary>
internal static class StateCodec
{
    private const byte Version = 1;
    private const int DueBytes = 8;
    private static readonly byte[] Mark = [Version];

    /// <summary>How entries of states begin.</summary>
    public static readonly byte[] StatePrefix = Encoding.ASCII.GetBytes("state/");

    /// <summary>How entries of what is due begin.</summary>
    public static readonly byte[] DuePrefix = Encoding.ASCII.GetBytes("due/");

    /// <summary>The key of a state's entry.</summary>
    public static byte[] StateKey(MessageKey key) => [.. StatePrefix, .. key.Bytes.Span];

    /// <summary>The message key of a state's entry.</summary>
    public static MessageKey KeyOf(ReadOnlyMemory<byte> stateKey) => new(stateKey[StatePrefix.Length..].ToArray());

    /// <summary>The writes that turn one state of a key into another.</summary>
    public static IEnumerable<StateWrite> Writes(string store, int partition, StateChange change)
    {
        var (key, before, after) = change;
        yield return new StateWrite(store, partition, StateKey(key), after.IsNone ? null : (ReadOnlyMemory<byte>?)Write(after));
        var (old, next) = (before.Line(key).ToHashSet(), after.Line(key).ToHashSet());
        foreach (var gone in old.Where(due => !next.Contains(due)))
        {
            yield return new StateWrite(store, partition, DueKey(gone), null);
        }

        foreach (var added in next.Where(due => !old.Contains(due)))
        {
            yield return new StateWrite(store, partition, DueKey(added), Mark);
        }
    }

    /// <summary>Reads a place in the line.</summary>
    /// <exception cref="BrokerException">It is not of a known format.</exception>
    public static DueTimer ReadDue(ReadOnlySpan<byte> stored)
    {
        var rest = stored[DuePrefix.Length..];
        if (rest.Length < DueBytes + 1 || rest.Length < DueBytes + 1 + rest[DueBytes])
        {
            throw Unknown();
        }

        var due = new DateTimeOffset(BinaryPrimitives.ReadInt64BigEndian(rest), TimeSpan.Zero);
        var name = rest.Slice(DueBytes + 1, rest[DueBytes]);
        return new DueTimer(due, Encoding.UTF8.GetString(name), new MessageKey(rest[(DueBytes + 1 + name.Length)..].ToArray()));
    }

    /// <summary>Reads a state.</summary>
    /// <exception cref="BrokerException">It is not of a known format.</exception>
    public static KeyState Read(ReadOnlyMemory<byte> stored)
    {
        try
        {
            using var reader = new BinaryReader(new MemoryStream(stored.ToArray(), writable: false), Encoding.UTF8);
            if (reader.ReadByte() != Version)
            {
                throw Unknown();
            }

            var (expires, sweep) = (ReadTime(reader), ReadTime(reader));
            var timers = new KeyTimer[reader.ReadByte()];
            for (var i = 0; i < timers.Length; i++)
            {
                timers[i] = new KeyTimer(reader.ReadString(), ReadTime(reader) ?? throw Unknown(), ReadOrigin(reader));
            }

            return new KeyState { ExpiresAt = expires, SweepAt = sweep, Timers = timers, Value = reader.ReadBytes(KeyState.ValueBytesMax) };
        }
        catch (EndOfStreamException)
        {
            throw Unknown();
        }
    }

    private static byte[] Write(KeyState state)
    {
        var stream = new MemoryStream(state.Bytes);
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(Version);
        WriteTime(writer, state.ExpiresAt);
        WriteTime(writer, state.SweepAt);
        writer.Write((byte)state.Timers.Count);
        foreach (var timer in state.Timers)
        {
            writer.Write(timer.Name);
            WriteTime(writer, timer.Due);
            WriteOrigin(writer, timer.SetBy);
        }

        writer.Write(state.Value.Span);
        writer.Flush();
        return stream.ToArray();
    }

    private static void WriteOrigin(BinaryWriter writer, TimerOrigin origin)
    {
        writer.Write(origin.Source);
        writer.Write(origin.Id);
        writer.Write(origin.Offset);
        writer.Write((byte)origin.Headers.Count);
        foreach (var header in origin.Headers)
        {
            writer.Write(header.Name);
            writer.Write(header.Text);
        }
    }

    private static TimerOrigin ReadOrigin(BinaryReader reader)
    {
        var (source, id, offset) = (reader.ReadString(), reader.ReadString(), reader.ReadInt64());
        var headers = new Header[reader.ReadByte()];
        for (var i = 0; i < headers.Length; i++)
        {
            headers[i] = new Header(reader.ReadString(), reader.ReadString());
        }

        return new TimerOrigin(source, id, offset, headers);
    }

    private static void WriteTime(BinaryWriter writer, DateTimeOffset? time) => writer.Write(time?.UtcTicks ?? 0);

    private static DateTimeOffset? ReadTime(BinaryReader reader) =>
        reader.ReadInt64() is > 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    private static byte[] DueKey(DueTimer due)
    {
        var name = Encoding.UTF8.GetBytes(due.Name);
        var key = new byte[DuePrefix.Length + DueBytes + 1 + name.Length + due.Key.Bytes.Length];
        DuePrefix.CopyTo(key, 0);
        var rest = key.AsSpan(DuePrefix.Length);
        BinaryPrimitives.WriteInt64BigEndian(rest, due.Due.UtcTicks);
        rest[DueBytes] = (byte)name.Length;
        name.CopyTo(rest[(DueBytes + 1)..]);
        due.Key.Bytes.Span.CopyTo(rest[(DueBytes + 1 + name.Length)..]);
        return key;
    }

    private static BrokerException Unknown() =>
        new(BrokerErrorCode.StoreDamaged, "the state of a key is not of a known format; a newer version may have written it");
}
