using System.Diagnostics;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Flows;
using Trunkline.Server.Flows.Redrives;

namespace Trunkline.Server.DeadLetters;

/// <summary>
/// Works through one redrive: reads the dead letters in order, hands each to its flow, at most a window at a time, at most at its rate.
/// A key's messages run in the order of their dead letters. What was done is known by the marks, so it may be cut short anywhere.
/// </summary>
internal sealed class RedriveRun(RedriveJob job, DeadLetterDesk desk, FlowSupervisor flows, TimeProvider time) : IDisposable
{
    /// <summary>Messages at work at once.</summary>
    public const int Window = 1024;

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    // What is at work when the redrive is ended may still come through, and is counted then.
    private static readonly TimeSpan FinishMax = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _window = new(Window, Window);
    private readonly Lock _lock = new();
    private readonly RedriveJob _begun = job;
    private RedriveJob _job = job;
    private Exception? _failure;
    private bool _isInterrupted;

    /// <summary>The job as of now.</summary>
    public RedriveJob Job
    {
        get
        {
            lock (_lock)
            {
                return _job;
            }
        }
    }

    /// <summary>Runs to the end, or until cancelled. Gives the job as it ended; still running if it was cut short.</summary>
    public async Task<RedriveJob> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            // A pass that was interrupted, by a pause or a stop of the flow, is followed by another: what is marked is passed over.
            do
            {
                _isInterrupted = false;
                await WaitForFlowAsync(cancellationToken);
                await PassAsync(cancellationToken);
            }
            while (_isInterrupted);

            await desk.Store.CleanAsync(_begun.Flow, cancellationToken);
            return End(RedriveJobState.Done, null);
        }
        catch (BrokerException failed)
        {
            return End(RedriveJobState.Failed, $"{failed.Code}: {failed.Message}");
        }
        catch (FlowGoneException)
        {
            return End(RedriveJobState.Failed, "the flow, or the sink, is not in the project any more");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _window.Dispose();

    private async Task PassAsync(CancellationToken cancellationToken)
    {
        using var finish = new CancellationTokenSource();
        await using var ending = cancellationToken.Register(() => finish.CancelAfter(FinishMax));
        var pace = new Pace(_begun.Rate, time);
        var extent = await desk.Store.ExtentAsync(_begun.Flow, cancellationToken) ?? throw new FlowGoneException();
        try
        {
            foreach (var partition in extent.Where(p => p.Partition < _begun.Ends.Count))
            {
                var letters = desk.Store.ReadAsync(_begun.Flow, partition.Partition, partition.LowOffset, _begun.Ends[partition.Partition], cancellationToken);
                await foreach (var letter in letters)
                {
                    if (letter.Mark is not null || !_begun.Filter.Fits(letter))
                    {
                        continue;
                    }

                    await pace.WaitAsync(cancellationToken);
                    await _window.WaitAsync(cancellationToken);
                    if (_isInterrupted || Volatile.Read(ref _failure) is not null)
                    {
                        _window.Release();
                        return;
                    }

                    _ = RunAsync(letter, finish.Token);
                }
            }
        }
        finally
        {
            // All that is at work comes back, however the pass ended.
            for (var i = 0; i < Window; i++)
            {
                await _window.WaitAsync(CancellationToken.None);
            }

            _window.Release(Window);
        }

        if (_failure is { } failure)
        {
            throw failure;
        }
    }

    /// <summary>Never throws: what goes wrong ends the pass.</summary>
    private async Task RunAsync(DeadLetterRecord letter, CancellationToken cancellationToken)
    {
        try
        {
            Count(await desk.RunAsync(letter, null, cancellationToken));
        }
        catch (OperationCanceledException)
        {
            _isInterrupted = true;
        }
        catch (BrokerException failed)
        {
            _failure = failed;
        }
        finally
        {
            _window.Release();
        }
    }

    private void Count(RedriveResult result)
    {
        lock (_lock)
        {
            switch (result)
            {
                case RedriveResult.Redriven:
                    _job = _job with { Redriven = _job.Redriven + 1 };
                    break;
                case RedriveResult.FailedAgain:
                    _job = _job with { FailedAgain = _job.FailedAgain + 1 };
                    break;
                case RedriveResult.Delayed or RedriveResult.Parked:
                    _job = _job with { Waiting = _job.Waiting + 1 };
                    break;
                case RedriveResult.AlreadyDone or RedriveResult.Busy:
                    _job = _job with { Skipped = _job.Skipped + 1 };
                    break;
                case RedriveResult.Interrupted:
                    _isInterrupted = true;
                    break;
                case RedriveResult.NoFlow:
                    _failure ??= new FlowGoneException();
                    break;
                default:
                    throw new UnreachableException();
            }
        }
    }

    /// <summary>A paused or failed flow gets nothing; the job waits for it.</summary>
    private async Task WaitForFlowAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            switch (flows.StateOf(_begun.Flow))
            {
                case null:
                    throw new FlowGoneException();
                case FlowState.Running or FlowState.PartlyStopped:
                    return;
                default:
                    await Task.Delay(LookEvery, time, cancellationToken);
                    break;
            }
        }
    }

    private RedriveJob End(RedriveJobState state, string? reason)
    {
        lock (_lock)
        {
            _job = _job with { State = state, Reason = reason, EndedAt = time.GetUtcNow() };
            return _job;
        }
    }

    private sealed class FlowGoneException : Exception;

    /// <summary>Lets through so many a second, evenly.</summary>
    private sealed class Pace(int? rate, TimeProvider time)
    {
        private readonly long _started = time.GetTimestamp();
        private long _passed;

        public async ValueTask WaitAsync(CancellationToken cancellationToken)
        {
            if (rate is { } perSecond)
            {
                var due = TimeSpan.FromSeconds((double)_passed++ / perSecond);
                var wait = due - time.GetElapsedTime(_started);
                if (wait > TimeSpan.Zero)
                {
                    await Task.Delay(wait, time, cancellationToken);
                }
            }
        }
    }
}
