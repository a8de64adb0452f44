using Microsoft.Extensions.Hosting;
using Trunkline.Core.Telemetry;

namespace Trunkline.Server.Sight.Export;

/// <summary>Says which traces the node wants, while it runs.</summary>
/// <param name="isWanted">Those that are exported.</param>
/// <param name="keeper">Keeps a share; null for none.</param>
internal sealed class SpanDemand(Func<TraceMark, bool> isWanted, SpanKeeper? keeper) : IHostedService, IDisposable
{
    private IDisposable? _demand;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _demand = TelemetrySource.Want(isWanted, keeper);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose() => Interlocked.Exchange(ref _demand, null)?.Dispose();
}
