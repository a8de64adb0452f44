using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Trunkline.Server.Outcomes;

/// <summary>
/// Judges the outcomes of one flow, in the order they were written, and counts them by minute and tenant. A message counts in the minute
/// its flow was done with it; what its sinks tell later changes that minute. Not thread-safe.
/// </summary>
/// <remarks>
/// Bounds: <see cref="Window"/> of minutes; <see cref="TenantsMax"/> tenants, later ones count together; about <see cref="MessagesMin"/>
/// recent messages are remembered to recognise a second delivery, and as many keys to recognise a wrong order: a repeat that comes
/// later than that is not seen.
/// </remarks>
internal sealed class FidelityTally
{
    /// <summary>Minutes are kept this long.</summary>
    public static readonly TimeSpan Window = OutcomeTopics.Retention;

    /// <summary>Tenants counted apart.</summary>
    public const int TenantsMax = 100;

    /// <summary>Recent messages and keys remembered at least.</summary>
    public const int MessagesMin = 100_000;

    /// <summary>Where tenants beyond the bound are counted.</summary>
    public const string OtherTenants = "(others)";

    private readonly SortedDictionary<(long Minute, string Tenant), FidelityBucket> _buckets = new(
        Comparer<(long Minute, string Tenant)>.Create(static (a, b) => a.Minute != b.Minute ? a.Minute.CompareTo(b.Minute) : string.CompareOrdinal(a.Tenant, b.Tenant)));

    /// <summary>Told of every count as it is made, or taken back: the tenant, the faults, and 1 or -1. Null for nobody.</summary>
    public Action<string, FidelityFault, int>? Counted { get; init; }

    private readonly HashSet<string> _tenants = new(StringComparer.Ordinal);
    private readonly RecentMap<Entry> _delivered = new(MessagesMin);
    private readonly RecentMap<Entry> _open = new(MessagesMin);
    private readonly RecentMap<Entry> _places = new(MessagesMin);
    private readonly RecentMap<long> _order = new(MessagesMin);

    /// <summary>Takes one row, written at a time.</summary>
    public void Add(in OutcomeRow row, DateTimeOffset at)
    {
        if (row.Context.Sink.Length == 0)
        {
            AddFlow(row, at);
        }
        else if (_places.TryGet(Place(row), out var entry))
        {
            AddSink(row, at, entry);
        }
    }

    /// <summary>The counts of minutes at or after a time, by tenant.</summary>
    public IReadOnlyDictionary<string, FidelityBucket> Since(DateTimeOffset since)
    {
        var from = Minute(since);
        var sums = new SortedDictionary<string, FidelityBucket>(StringComparer.Ordinal);
        foreach (var ((minute, tenant), bucket) in _buckets)
        {
            if (minute >= from)
            {
                (sums.TryGetValue(tenant, out var sum) ? sum : sums[tenant] = new FidelityBucket()).Add(bucket);
            }
        }

        return sums;
    }

    private void AddFlow(in OutcomeRow row, DateTimeOffset at)
    {
        if (row.State == OutcomeState.Filtered)
        {
            Bucket(row, at).Filtered++;
            return;
        }

        var id = Hash(row.Id.Span, row.Context.Source);
        if (row.State == OutcomeState.Delivered && _delivered.TryGet(id, out var first))
        {
            first.Fault(FidelityFault.Doubled);
            return;
        }

        // It was dead-lettered or parked before: what comes of it now is what counts.
        if (_open.TryGet(id, out var open))
        {
            open.Leave();
        }

        var entry = new Entry(Bucket(row, at), row.AppendedAtMilliseconds, row.Context.WithinMilliseconds);
        if (row.State != OutcomeState.Delivered)
        {
            entry.Enter(FidelityFault.NotDelivered, new OutcomeKind(row.State, row.Cause ?? "", ""));
            _open.Set(id, entry);
            return;
        }

        _open.Remove(id);
        _delivered.Set(id, entry);
        entry.Enter((row.Degraded ? FidelityFault.Degraded : 0) | (entry.IsLate(at) ? FidelityFault.Late : 0) | (IsOrdered(row) ? 0 : FidelityFault.OutOfOrder));
        if (row.Context.Sinks.Any(sink => sink.Outbox))
        {
            _places.Set(Place(row), entry);
        }
    }

    private void AddSink(in OutcomeRow row, DateTimeOffset at, Entry entry)
    {
        if (row.State != OutcomeState.Delivered)
        {
            entry.Miss(new OutcomeKind(row.State, row.Cause ?? "", row.Context.Sink));
            return;
        }

        // The sink may have given it up before, and a redrive brought it there after all.
        entry.Reach(row.Context.Sink);
        var receipt = Hash(row.Id.Span, row.Context.Sink);
        if (_delivered.TryGet(receipt, out _))
        {
            entry.Fault(FidelityFault.Doubled);
            return;
        }

        _delivered.Set(receipt, entry);
        entry.Fault((entry.IsLate(at) ? FidelityFault.Late : 0) | (row.Degraded ? FidelityFault.Degraded : 0) | (IsOrdered(row) ? 0 : FidelityFault.OutOfOrder));
    }

    /// <summary>False if a later message of the key reached the same sink before. Messages without key have no order.</summary>
    private bool IsOrdered(in OutcomeRow row)
    {
        if (row.Key is not { } key)
        {
            return true;
        }

        var line = Hash(key.Span, FormattableString.Invariant($"{row.Partition}/{row.Context.Sink}"));
        if (_order.TryGet(line, out var last) && row.Offset < last)
        {
            return false;
        }

        _order.Set(line, row.Offset);
        return true;
    }

    private FidelityBucket Bucket(in OutcomeRow row, DateTimeOffset at)
    {
        var tenant = row.Context.Tenant;
        if (!_tenants.Contains(tenant))
        {
            tenant = _tenants.Count < TenantsMax && _tenants.Add(tenant) ? tenant : OtherTenants;
        }

        var minute = Minute(at);
        if (!_buckets.TryGetValue((minute, tenant), out var bucket))
        {
            _buckets.Add((minute, tenant), bucket = new FidelityBucket { Counted = Counted is { } counted ? (faults, by) => counted(tenant, faults, by) : null });
            while (_buckets.First().Key is var oldest && oldest.Minute < minute - (long)Window.TotalMinutes)
            {
                _buckets.Remove(oldest);
            }
        }

        return bucket;
    }

    private static long Minute(DateTimeOffset at) => at.ToUnixTimeSeconds() / 60;

    private static UInt128 Place(in OutcomeRow row) => new((ulong)row.Partition, (ulong)row.Offset);

    private static UInt128 Hash(ReadOnlySpan<byte> bytes, string salt) =>
        XxHash128.HashToUInt128(bytes, (long)XxHash64.HashToUInt64(MemoryMarshal.AsBytes(salt.AsSpan())));

    /// <summary>One message, and the minute it counts in.</summary>
    private sealed class Entry(FidelityBucket bucket, long appendedAt, long within)
    {
        private FidelityFault _faults;
        private bool _counted;
        private OutcomeKind? _failed;
        private List<OutcomeKind>? _missing;

        public bool IsLate(DateTimeOffset at) => within > 0 && at.ToUnixTimeMilliseconds() - appendedAt > within;

        public void Enter(FidelityFault faults, OutcomeKind? failed = null)
        {
            (_faults, _failed, _counted) = (faults, failed, true);
            bucket.Count(faults, 1);
            CountFailed(failed, 1);
        }

        public void Leave()
        {
            if (_counted)
            {
                bucket.Count(_faults, -1);
                CountFailed(_failed, -1);
                _counted = false;
            }
        }

        public void Fault(FidelityFault faults) => Change(_faults | faults);

        /// <summary>A sink gave it up.</summary>
        public void Miss(OutcomeKind kind)
        {
            _missing ??= [];
            if (!_missing.Exists(missing => missing.Sink == kind.Sink))
            {
                _missing.Add(kind);
                CountFailed(kind, 1);
            }

            Fault(FidelityFault.NotDelivered);
        }

        /// <summary>A sink has it: it is delivered once no sink is left that gave it up.</summary>
        public void Reach(string sink)
        {
            if (_missing?.FindIndex(missing => missing.Sink == sink) is { } at and >= 0)
            {
                CountFailed(_missing[at], -1);
                _missing.RemoveAt(at);
                if (_missing.Count == 0)
                {
                    _missing = null;
                    Change(_faults & ~FidelityFault.NotDelivered);
                }
            }
        }

        private void CountFailed(OutcomeKind? kind, int by)
        {
            if (kind is { } failed)
            {
                bucket.CountFailed(failed, by);
            }
        }

        private void Change(FidelityFault faults)
        {
            if (_counted && faults != _faults)
            {
                bucket.Count(_faults, -1);
                bucket.Count(_faults = faults, 1);
            }
        }
    }
}
