using Microsoft.Extensions.Logging;
using Trunkline.Brokers.Embedded.Storage;
using Trunkline.Brokers.Embedded.Topics;
using Trunkline.Messaging.Topics;

namespace Trunkline.Brokers.Embedded.Upkeep;

/// <summary>Writes the mark of what was acknowledged, at most 100 ms late, and at a clean stop.</summary>
internal sealed class MarkKeeper : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(50);
    private readonly AckMark _mark;
    private readonly Catalog _catalog;
    private readonly DiskSpace _space;
    private readonly ILogger _logger;
    private readonly Lock _writing = new();
    private readonly ITimer _timer;
    private ulong _sequence;
    private ulong _written;
    private bool _stopped;

    public MarkKeeper(AckMark mark, Catalog catalog, DiskSpace space, TimeProvider time, ILogger logger)
    {
        _mark = mark;
        _catalog = catalog;
        _space = space;
        _logger = logger;
        _timer = time.CreateTimer(static k => ((MarkKeeper)k!).Tick(), this, Period, Period);
    }

    /// <summary>Everything up to this change is synced and acknowledged.</summary>
    public void Advance(ulong sequence) => Volatile.Write(ref _sequence, sequence);

    /// <summary>Writes the last mark.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        lock (_writing)
        {
            _stopped = true;
            Write();
        }
    }

    private void Tick()
    {
        _space.Refresh();
        // A disk slower than the period: the next tick writes what this one would have.
        if (!_writing.TryEnter())
        {
            return;
        }

        try
        {
            if (!_stopped)
            {
                Write();
            }
        }
        finally
        {
            _writing.Exit();
        }
    }

    private void Write()
    {
        var sequence = Volatile.Read(ref _sequence);
        if (sequence == _written)
        {
            return;
        }

        // Only topics that sync each append: of the others, what is visible may not be synced yet.
        var highs = new List<(int, int, long)>();
        lock (_catalog.Gate)
        {
            foreach (var topic in _catalog.Topics.Where(t => t.Settings.Durability.Kind == DurabilityKind.Sync))
            {
                highs.AddRange(topic.Partitions.Where(p => p.Visible.High > 0).Select(p => (topic.Id, p.Number, p.Visible.High)));
            }
        }

        try
        {
            _mark.Write(sequence, highs);
            _written = sequence;
        }
        catch (IOException failure)
        {
            // The mark lags: a cut of the log would be found less far. Appends are as safe as before, and the next tick tries again.
            Log.MarkFailed(_logger, failure);
        }
    }
}
