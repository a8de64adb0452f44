using Trunkline.Messaging.Brokers;

namespace Trunkline.Brokers.Embedded.Commits;

/// <summary>
/// What waits for the writer's thread. Bounds: up to <paramref name="bytesMax"/> bytes are queued; whoever comes then waits
/// in line, first come first served, its messages still its own; at <paramref name="callsMax"/> calls in all the next is
/// refused with <see cref="BrokerErrorCode.Overloaded"/>. Any thread may add, one takes.
/// </summary>
internal sealed class CommitQueue(long bytesMax, int callsMax)
{
    private readonly object _gate = new();
    private readonly Queue<WriterItem> _queued = [];
    private readonly Queue<WriterItem> _waiting = [];
    private long _bytes;
    private bool _sleeping;
    private bool _wake;
    private bool _closed;

    /// <summary>Calls queued or in line.</summary>
    public int Count => Volatile.Read(ref _count);

    private int _count;

    public void Add(WriterItem item)
    {
        lock (_gate)
        {
            if (_closed)
            {
                throw new BrokerException(BrokerErrorCode.Closed, "The broker was closed.");
            }

            if (_count >= callsMax)
            {
                throw new BrokerException(BrokerErrorCode.Overloaded, $"{_count} calls wait for the disk, which is the bound; try again later.");
            }

            _count++;
            if (_waiting.Count == 0 && (_bytes == 0 || _bytes + item.Bytes <= bytesMax))
            {
                _queued.Enqueue(item);
                _bytes += item.Bytes;
            }
            else
            {
                _waiting.Enqueue(item);
            }

            if (_sleeping)
            {
                Monitor.Pulse(_gate);
            }
        }
    }

    /// <summary>Wakes the taker although nothing was added: a timer came due.</summary>
    public void Wake()
    {
        lock (_gate)
        {
            _wake = true;
            if (_sleeping)
            {
                Monitor.Pulse(_gate);
            }
        }
    }

    /// <summary>Takes what is queued, at most about so many bytes, after waiting for something to do; false once closed and empty.</summary>
    public bool Take(List<WriterItem> items, long groupBytesMax)
    {
        lock (_gate)
        {
            while (_queued.Count == 0 && !_wake && !_closed)
            {
                _sleeping = true;
                Monitor.Wait(_gate);
                _sleeping = false;
            }

            _wake = false;
            long taken = 0;
            while (_queued.TryPeek(out var next) && (taken == 0 || taken + next.Bytes <= groupBytesMax))
            {
                _queued.Dequeue();
                _bytes -= next.Bytes;
                taken += next.Bytes;
                _count--;
                if (next.TryTake())
                {
                    items.Add(next);
                }

                while (_waiting.TryPeek(out var first) && (_bytes == 0 || _bytes + first.Bytes <= bytesMax))
                {
                    _queued.Enqueue(_waiting.Dequeue());
                    _bytes += first.Bytes;
                }
            }

            return items.Count > 0 || !_closed;
        }
    }

    /// <summary>Waits until something is queued, without taking it. False if nothing came because a timer or the end did.</summary>
    public bool WaitForItem()
    {
        lock (_gate)
        {
            while (_queued.Count == 0 && !_wake && !_closed)
            {
                _sleeping = true;
                Monitor.Wait(_gate);
                _sleeping = false;
            }

            return _queued.Count > 0;
        }
    }

    /// <summary>Nothing is added any more; what is queued is still taken.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.PulseAll(_gate);
        }
    }
}
