using Trunkline.Messaging.Brokers;
using Trunkline.Server.Releases;
using Trunkline.Server.Topics;

namespace Trunkline.Server.Sight.Alerts;

/// <summary>
/// The alerts there are and were. They are kept in the compacted topic <c>trunkline.alerts</c>: one entry for each that is on, a ring of
/// <see cref="EndedMax"/> for those that are over, one for the silences. Thread-safe; callers wait for each other.
/// </summary>
internal sealed class AlertDesk(IBroker broker, ChangeLog changes, TimeProvider time) : IDisposable
{
    /// <summary>The topic.</summary>
    public const string TopicName = "trunkline.alerts";

    /// <summary>Alerts that are on at once; further troubles are not seen before one of these ends.</summary>
    public const int OpenMax = 1000;

    /// <summary>Ended ones that are kept; the oldest go first.</summary>
    public const int EndedMax = 1000;

    /// <summary>Silences in force at once.</summary>
    public const int SilencesMax = 100;

    /// <summary>What is seen no more is over after this: troubles that come and go are one.</summary>
    public static readonly TimeSpan Settles = TimeSpan.FromSeconds(20);

    private const string Silences = "silences";
    private static readonly TimeSpan ChangeReach = TimeSpan.FromHours(24);

    // What is done about alerts changes nothing that could have caused one.
    private static readonly string[] OwnChanges = ["acknowledge", "silence", "unsilence"];

    private readonly SemaphoreSlim _gate = new(1);
    private readonly InternalTopic _topic = new(broker, TopicName, compacted: true);
    private readonly Dictionary<string, AlertRecord> _open = new(StringComparer.Ordinal);
    private readonly SortedDictionary<long, AlertRecord> _ended = [];
    private readonly HashSet<string> _unkept = new(StringComparer.Ordinal);
    private List<Silence> _silences = [];
    private long _number;
    private bool _isReady;

    /// <summary>Those that are on and the latest that ended, newest first, and the silences in force.</summary>
    public Task<(IReadOnlyList<AlertRecord> Alerts, IReadOnlyList<Silence> Silences)> ReadAsync(CancellationToken cancellationToken) => LockedAsync(
        () => Task.FromResult<(IReadOnlyList<AlertRecord>, IReadOnlyList<Silence>)>(
            ([.. _open.Values.OrderByDescending(a => a.Number), .. _ended.Values.Reverse()], InForce())),
        cancellationToken);

    /// <summary>What is wrong now and no silence covers.</summary>
    public Task<IReadOnlyList<AlertCondition>> ReadOpenAsync(CancellationToken cancellationToken) => LockedAsync(
        () =>
        {
            var silences = InForce();
            return Task.FromResult<IReadOnlyList<AlertCondition>>([.. _open.Values.Select(a => a.Condition).Where(c => !silences.Exists(s => s.Covers(c)))]);
        },
        cancellationToken);

    /// <summary>Takes what is wrong now: what is new becomes an alert, what is gone is over.</summary>
    public Task SeeAsync(IReadOnlyList<AlertCondition> conditions, CancellationToken cancellationToken) => LockedAsync(
        async () =>
        {
            await KeepUnkeptAsync(cancellationToken);
            var now = time.GetUtcNow();
            foreach (var condition in conditions.DistinctBy(c => c.Key))
            {
                if (_open.TryGetValue(condition.Key, out var known))
                {
                    // How it reads may change with every look; it is kept when something else about it is.
                    _open[condition.Key] = known with { Condition = condition, SeenAt = now };
                }
                else if (_open.Count < OpenMax)
                {
                    var since = condition.Since is { } began && began < now ? began : now;
                    await KeepAsync(new AlertRecord(Guid.CreateVersion7(now).ToString("N"), ++_number, condition, since, now) { Change = await ChangeBeforeAsync(since, cancellationToken) }, cancellationToken);
                }
            }

            foreach (var gone in _open.Values.Where(a => now - a.SeenAt >= Settles).ToArray())
            {
                await KeepAsync(gone with { ResolvedAt = now }, cancellationToken);
            }

            return 0;
        },
        cancellationToken);

    /// <summary>Somebody takes an alert on; null if none of this id is on.</summary>
    public Task<AlertRecord?> AcknowledgeAsync(string id, string who, CancellationToken cancellationToken) => LockedAsync(
        async () =>
        {
            if (_open.Values.FirstOrDefault(a => a.Id == id) is not { } alert)
            {
                return null;
            }

            if (alert.AcknowledgedAt is not null)
            {
                return alert;
            }

            var taken = alert with { AcknowledgedAt = time.GetUtcNow(), AcknowledgedBy = who };
            await KeepAsync(taken, cancellationToken);
            return (AlertRecord?)taken;
        },
        cancellationToken);

    /// <summary>Notes what receivers were told.</summary>
    public Task ToldAsync(IEnumerable<string> ids, string receiver, AlertStatus status, CancellationToken cancellationToken) => LockedAsync(
        async () =>
        {
            var told = new AlertTold(status, time.GetUtcNow());
            foreach (var alert in _open.Values.Concat(_ended.Values).Where(a => ids.Contains(a.Id)).ToArray())
            {
                await KeepAsync(alert with { Told = new Dictionary<string, AlertTold>(alert.Told, StringComparer.Ordinal) { [receiver] = told } }, cancellationToken);
            }

            return 0;
        },
        cancellationToken);

    /// <summary>Adds a silence; false if there are <see cref="SilencesMax"/>.</summary>
    public Task<bool> SilenceAsync(Silence silence, CancellationToken cancellationToken) => LockedAsync(
        async () =>
        {
            var silences = InForce();
            if (silences.Count >= SilencesMax)
            {
                return false;
            }

            await KeepAsync([.. silences, silence], cancellationToken);
            return true;
        },
        cancellationToken);

    /// <summary>Ends a silence; false if there is none of this id.</summary>
    public Task<bool> UnsilenceAsync(string id, CancellationToken cancellationToken) => LockedAsync(
        async () =>
        {
            var silences = InForce();
            var left = silences.Where(s => s.Id != id).ToList();
            if (left.Count == silences.Count)
            {
                return false;
            }

            await KeepAsync(left, cancellationToken);
            return true;
        },
        cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();

    private List<Silence> InForce() => [.. _silences.Where(s => s.Until > time.GetUtcNow())];

    private async Task<T> LockedAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            await LoadAsync(cancellationToken);
            return await work();
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        if (_isReady)
        {
            return;
        }

        await _topic.EnsureAsync(cancellationToken);
        _open.Clear();
        await foreach (var message in _topic.ReadAsync(0, cancellationToken))
        {
            if (message.Message.Key?.ToString() == Silences)
            {
                _silences = [.. _topic.Value(message, AlertJson.Default.SilenceBook).Silences];
                continue;
            }

            var alert = _topic.Value(message, AlertJson.Default.AlertRecord);
            _number = Math.Max(_number, alert.Number);
            Place(alert with { SeenAt = time.GetUtcNow() });
        }

        _isReady = true;
    }

    private async Task KeepAsync(AlertRecord alert, CancellationToken cancellationToken)
    {
        // What ends leaves its own entry, so that the next of its kind does not find it, and takes the oldest's place in the ring.
        List<TopicAppend> appends = [_topic.Append("on/" + alert.Condition.Key, alert, AlertJson.Default.AlertRecord)];
        if (alert.ResolvedAt is not null)
        {
            appends.Add(_topic.Append(FormattableString.Invariant($"over/{alert.Number % EndedMax}"), alert, AlertJson.Default.AlertRecord));
            if (_open.TryGetValue(alert.Condition.Key, out var open) && open.Id != alert.Id)
            {
                appends.RemoveAt(0);
            }
        }

        try
        {
            await broker.CommitAsync(new CommitUnit { Appends = appends }, cancellationToken);
            _unkept.Remove(alert.Id);
        }
        catch (BrokerException refusal) when (refusal.Code is BrokerErrorCode.DiskFull or BrokerErrorCode.StoreFailed)
        {
            // It is on all the same, and told: that nothing can be kept is itself an alert. What is not kept by then, a restart finds anew.
            _unkept.Add(alert.Id);
        }

        Place(alert);
    }

    /// <summary>Tries again to keep what a broker that appended nothing did not keep.</summary>
    private async Task KeepUnkeptAsync(CancellationToken cancellationToken)
    {
        _unkept.IntersectWith(_open.Values.Concat(_ended.Values).Select(a => a.Id));
        foreach (var alert in broker.Refusal is null ? [.. _open.Values.Concat(_ended.Values).Where(a => _unkept.Contains(a.Id))] : Array.Empty<AlertRecord>())
        {
            await KeepAsync(alert, cancellationToken);
        }
    }

    private async Task KeepAsync(List<Silence> silences, CancellationToken cancellationToken)
    {
        await broker.AppendAsync(_topic.Append(Silences, new SilenceBook(silences), AlertJson.Default.SilenceBook), cancellationToken);
        _silences = silences;
    }

    private void Place(AlertRecord alert)
    {
        if (alert.ResolvedAt is null)
        {
            _open[alert.Condition.Key] = alert;
            return;
        }

        if (_open.TryGetValue(alert.Condition.Key, out var open) && open.Id == alert.Id)
        {
            _open.Remove(alert.Condition.Key);
        }

        _ended[alert.Number] = alert;
        while (_ended.Count > EndedMax)
        {
            _ended.Remove(_ended.First().Key);
        }
    }

    private async Task<Change?> ChangeBeforeAsync(DateTimeOffset since, CancellationToken cancellationToken) =>
        (await changes.ReadAsync(100, null, cancellationToken)).Changes
        .FirstOrDefault(c => c.At <= since && c.At > since - ChangeReach && !OwnChanges.Contains(c.What) && !c.IsBeginning);
}
