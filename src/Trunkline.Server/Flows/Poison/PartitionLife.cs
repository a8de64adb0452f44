using System.Buffers.Binary;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Consuming;

namespace Trunkline.Server.Flows.Poison;

/// <summary>
/// What tells, after a start, whether the process died at work on a partition, and on what. One state entry, written when the
/// partition is taken and removed at an orderly end; nothing is written per message, until two deaths in a row left the
/// same messages undone: then the suspects run one at a time, each named here before it runs.
/// </summary>
/// <remarks>State key <c>life</c>: version 1, process id (16 bytes), deaths, last suspect, at work; little-endian.</remarks>
internal sealed record PartitionLife
{
    /// <summary>Deaths that make a message poison.</summary>
    public const int DeathsMax = 3;

    private const byte Version = 1;
    private const int StoredBytes = 1 + 16 + 4 + 8 + 8;

    /// <summary>The key of the entry.</summary>
    public static ReadOnlyMemory<byte> StateKey { get; } = "life"u8.ToArray();

    /// <summary>The process that has the partition.</summary>
    public required Guid Process { get; init; }

    /// <summary>Deaths in a row that left the same messages undone.</summary>
    public int Deaths { get; init; }

    /// <summary>The last offset that may have been in flight at the first of these deaths; -1 for none.</summary>
    public long LastSuspect { get; init; } = -1;

    /// <summary>
    /// Suspects up to here run alone: those that may have been in flight if everything was taken in order. What lies above was reached by
    /// passing others over; it is not passed over again in this life, so its turn to be looked at comes with a later one.
    /// </summary>
    public long AloneUntil { get; init; } = -1;

    /// <summary>The suspect that runs alone; -1 for none.</summary>
    public long AtWork { get; init; } = -1;

    /// <summary>The message that killed the process once too often; -1 for none.</summary>
    public long Poison { get; init; } = -1;

    /// <summary>True if this life began after the process died.</summary>
    public bool IsAfterDeath { get; init; }

    /// <summary>Suspects run one at a time.</summary>
    public bool IsCareful => Poison >= 0 || Deaths >= DeathsMax - 1;

    /// <summary>The life that follows what an earlier one left.</summary>
    /// <param name="before">What it left; null after an orderly end.</param>
    /// <param name="process">This process.</param>
    /// <param name="progress">Where the group stands.</param>
    /// <param name="end">The end of the partition.</param>
    /// <param name="inFlightMax">What may have been in flight.</param>
    public static PartitionLife After(PartitionLife? before, Guid process, Progress progress, long end, int inFlightMax)
    {
        var life = Following(before, process, progress, end, inFlightMax);
        return life with { AloneUntil = Math.Min(life.LastSuspect, Math.Min(progress.Next + inFlightMax, end) - 1) };
    }

    /// <summary>The life that goes on when all that ran alone is through and the process lives.</summary>
    public PartitionLife Survived() => LastSuspect > AloneUntil
        ? new PartitionLife { Process = Process, Deaths = 1, LastSuspect = LastSuspect }
        : new PartitionLife { Process = Process };

    private static PartitionLife Following(PartitionLife? before, Guid process, Progress progress, long end, int inFlightMax)
    {
        if (before is null || before.Process == process)
        {
            // Taken anew by the same process: nobody died.
            return before is null ? new PartitionLife { Process = process } : before with { AtWork = -1 };
        }

        if (before.AtWork >= 0 && before.AtWork < end && !progress.IsCompleted(before.AtWork))
        {
            return before with { Process = process, Deaths = DeathsMax, Poison = before.AtWork, IsAfterDeath = true };
        }

        if (progress.Next >= end)
        {
            return new PartitionLife { Process = process, IsAfterDeath = true };
        }

        // What was in flight at the first death and is through since cannot be to blame.
        var isSame = before.Deaths > 0 && progress.Next <= before.LastSuspect;
        return new PartitionLife
        {
            Process = process,
            Deaths = isSame ? before.Deaths + 1 : 1,
            LastSuspect = isSame ? before.LastSuspect : Math.Min(ReachOf(progress, inFlightMax) + inFlightMax, end) - 1,
            IsAfterDeath = true,
        };
    }

    /// <summary>From where on messages may have been in flight at most; above what was passed over if some was.</summary>
    private static long ReachOf(Progress progress, int inFlightMax) =>
        progress.CompletedAbove.Count > 0 && progress.CompletedAbove[^1].Until is var top && top > progress.Next + inFlightMax ? top : progress.Next;

    /// <summary>Throws <see cref="BrokerErrorCode.StoreDamaged"/> if the value is not of this format.</summary>
    public static PartitionLife Read(ReadOnlySpan<byte> stored) => stored.Length == StoredBytes && stored[0] == Version
        ? new PartitionLife
        {
            Process = new Guid(stored[1..17]),
            Deaths = BinaryPrimitives.ReadInt32LittleEndian(stored[17..]),
            LastSuspect = BinaryPrimitives.ReadInt64LittleEndian(stored[21..]),
            AtWork = BinaryPrimitives.ReadInt64LittleEndian(stored[29..]),
        }
        : throw new BrokerException(BrokerErrorCode.StoreDamaged, "what a partition's last life left is not of a known format; a newer version may have written it");

    public byte[] Write()
    {
        var stored = new byte[StoredBytes];
        stored[0] = Version;
        Process.TryWriteBytes(stored.AsSpan(1));
        BinaryPrimitives.WriteInt32LittleEndian(stored.AsSpan(17), Deaths);
        BinaryPrimitives.WriteInt64LittleEndian(stored.AsSpan(21), LastSuspect);
        BinaryPrimitives.WriteInt64LittleEndian(stored.AsSpan(29), Poison >= 0 ? Poison : AtWork);
        return stored;
    }
}
