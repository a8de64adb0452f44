namespace Trunkline.Server.Releases.Comparison;

/// <summary>
/// The node's comparisons: one at a time, each within its time, off the threads that serve. What runs in the flows goes on beside
/// it. Thread-safe.
/// </summary>
/// <param name="candidates">Runs them.</param>
/// <param name="time">The clock.</param>
internal sealed class Comparisons(CandidateRun candidates, TimeProvider time) : IDisposable
{
    /// <summary>How long one may take.</summary>
    public static readonly TimeSpan TimeMax = TimeSpan.FromMinutes(10);

    /// <summary>Most messages one may read.</summary>
    public const int MessagesMax = 1_000_000;

    private readonly SemaphoreSlim _gate = new(1, 1);

    /// <summary>Compares, unless another comparison runs.</summary>
    public async Task<ComparisonOutcome> RunAsync(ComparisonRequest request, string effectTopic, CancellationToken cancellationToken)
    {
        if (!await _gate.WaitAsync(0, cancellationToken).ConfigureAwait(false))
        {
            return new ComparisonOutcome.Busy();
        }

        using var bound = new CancellationTokenSource(TimeMax, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, cancellationToken);
        try
        {
            // Pipelines compute for long stretches without awaiting anything.
            return new ComparisonOutcome.Done(await Task.Run(() => candidates.RunAsync(request, effectTopic, null, both.Token), both.Token).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (bound.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return new ComparisonOutcome.TimeUp(TimeMax);
        }
        catch (ComparisonException impossible)
        {
            return new ComparisonOutcome.NotPossible(impossible.Message);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();
}
