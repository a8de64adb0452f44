using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Trunkline.Core.Errors;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Server.Erasure;

/// <summary>Runs erasures, one at a time, in the background; one that a stop or a crash cut off goes on at the next start. Thread-safe.</summary>
internal sealed class Erasures : IAsyncDisposable
{
    private static readonly TimeSpan WaitMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WaitMax = TimeSpan.FromMinutes(5);

    private readonly ErasureEnvironment _environment;
    private readonly ILogger _log;
    private readonly SemaphoreSlim _gate = new(1);
    private readonly CancellationTokenSource _stop = new();
    private ErasureStatus? _last;
    private Task _running = Task.CompletedTask;
    private bool _disposed;

    private Erasures(ErasureEnvironment environment, ILogger log) => (_environment, _log) = (environment, log);

    /// <summary>Opens them, and goes on with what was cut off.</summary>
    public static async Task<Erasures> OpenAsync(ErasureEnvironment environment, ILogger log, CancellationToken cancellationToken)
    {
        var erasures = new Erasures(environment, log);
        var canKeep = environment.Broker.Capabilities.HasFlag(BrokerCapabilities.Erasure | BrokerCapabilities.State);
        if (canKeep && await new ErasurePlan(environment.Broker).ReadAsync(cancellationToken) is { } cutOff)
        {
            erasures.Begin(cutOff);
        }

        return erasures;
    }

    /// <summary>Starts an erasure.</summary>
    /// <returns>Its id and the salt of its hash, which is kept nowhere else.</returns>
    /// <exception cref="ErasureException">One is running, or the broker cannot erase.</exception>
    public async Task<(string Id, string RequestHash, string Salt)> StartAsync(ErasureSubject subject, string who, CancellationToken cancellationToken)
    {
        if (!_environment.Broker.Capabilities.HasFlag(BrokerCapabilities.Erasure | BrokerCapabilities.State))
        {
            throw new ErasureException(ErrorCodes.ErasureNotSupported, $"Broker '{_environment.Broker.Kind}' cannot erase.");
        }

        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (!_running.IsCompleted)
            {
                throw new ErasureException(ErrorCodes.ErasureRunning, $"Erasure {_last?.Job.Id} is not done yet.");
            }

            var salt = RandomNumberGenerator.GetBytes(16);
            var now = _environment.Time.GetUtcNow();
            var job = new ErasureJob
            {
                Id = Guid.CreateVersion7(now).ToString("N"),
                Who = who,
                Kind = subject.Kind,
                RequestHash = subject.Hash(salt),
                StartedAt = now,
                Value = subject.Value.ToArray(),
            };
            await new ErasurePlan(_environment.Broker).WriteAsync(job, cancellationToken);
            Begin(job);
            return (job.Id, job.RequestHash, Convert.ToHexStringLower(salt));
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>How an erasure stands, or its proof; null if there is none of this id.</summary>
    public async Task<ErasureStatus?> FindAsync(string id, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _last) is { } last && last.Job.Id == id)
        {
            return last;
        }

        try
        {
            return await _environment.Proofs.FindAsync(id, cancellationToken) is { } proof ? new ErasureStatus(proof, null) : null;
        }
        catch (BrokerException none) when (none.Code == BrokerErrorCode.TopicNotFound)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!Interlocked.Exchange(ref _disposed, true))
        {
            await _stop.CancelAsync();
            await _running;
            _stop.Dispose();
            _gate.Dispose();
        }
    }

    private void Begin(ErasureJob job)
    {
        Volatile.Write(ref _last, new ErasureStatus(job, null));
        _running = Task.Run(() => RunAsync(job, _stop.Token));
    }

    /// <summary>Tries until it is done: half an erasure is none. What no further try can mend ends it and is told.</summary>
    private async Task RunAsync(ErasureJob job, CancellationToken cancellationToken)
    {
        for (var wait = WaitMin; ; wait = wait * 2 < WaitMax ? wait * 2 : WaitMax)
        {
            try
            {
                await new ErasureRun(_environment, job) { Reached = Reached }.RunAsync(cancellationToken);
                return;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // The node stops: it goes on at the next start.
                return;
            }
            catch (BrokerException passing) when (passing.Code is BrokerErrorCode.DiskFull or BrokerErrorCode.Overloaded or BrokerErrorCode.Unreachable)
            {
                Log.Waits(_log, job.Id, wait, passing.Code, passing);
                Volatile.Write(ref _last, Volatile.Read(ref _last)! with { Trouble = $"waits for the broker: {passing.Code}" });
            }
            catch (Exception failure)
            {
                // The boundary of the background task: whoever asks for the erasure is told, and the node goes on.
                Log.Failed(_log, job.Id, failure);
                await GiveUpAsync(job, failure);
                return;
            }

            try
            {
                await Task.Delay(wait, _environment.Time, cancellationToken);
                job = await new ErasurePlan(_environment.Broker).ReadAsync(cancellationToken) ?? job;
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>An erasure that was refused before it changed anything is over; any other goes on at the next start.</summary>
    private async Task GiveUpAsync(ErasureJob job, Exception failure)
    {
        Volatile.Write(ref _last, new ErasureStatus(Volatile.Read(ref _last)!.Job, failure is ErasureException or BrokerException ? failure.Message : failure.GetType().Name));
        if (failure is ErasureException)
        {
            await new ErasurePlan(_environment.Broker).ForgetAsync(job, CancellationToken.None);
            await _environment.Broker.CommitAsync(new CommitUnit { State = [ErasurePlan.Write(null)] }, CancellationToken.None);
        }
    }

    private void Reached(ErasureJob job)
    {
        Log.Reached(_log, job.Id, job.Phase);
        Volatile.Write(ref _last, new ErasureStatus(job, null));
    }
}

/// <summary>How an erasure stands.</summary>
/// <param name="Job">As far as it is.</param>
/// <param name="Trouble">What it waits for, or why it cannot be done; null if all is well.</param>
internal sealed record ErasureStatus(ErasureJob Job, string? Trouble);
