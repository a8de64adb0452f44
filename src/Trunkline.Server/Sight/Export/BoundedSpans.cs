using System.Diagnostics;
using OpenTelemetry;

namespace Trunkline.Server.Sight.Export;

/// <summary>
/// Sends spans in batches from a queue of <see cref="QueueMax"/>. What finds the queue full, because the collector is slow or away, is dropped
/// and counted; messages never wait for it. Thread-safe.
/// </summary>
internal sealed class BoundedSpans : BaseProcessor<Activity>
{
    /// <summary>Spans that wait to be sent, at most.</summary>
    public const int QueueMax = 8192;

    private const int BatchMax = 512;
    private const int DelayMs = 1000;

    private readonly CountedExporter _exporter;
    private readonly BatchActivityExportProcessor _batches;
    private long _taken;

    /// <param name="exporter">What sends.</param>
    /// <param name="timeoutMs">How long sending one batch may take.</param>
    public BoundedSpans(BaseExporter<Activity> exporter, int timeoutMs)
    {
        _exporter = new CountedExporter(exporter);
        _batches = new BatchActivityExportProcessor(_exporter, QueueMax, DelayMs, timeoutMs, BatchMax);
    }

    /// <inheritdoc/>
    public override void OnEnd(Activity data)
    {
        if (!data.Recorded)
        {
            return;
        }

        if (Interlocked.Increment(ref _taken) - _exporter.Through > QueueMax)
        {
            Interlocked.Decrement(ref _taken);
            ExportMeter.Dropped(1);
            return;
        }

        _batches.OnEnd(data);
    }

    /// <inheritdoc/>
    protected override bool OnForceFlush(int timeoutMilliseconds) => _batches.ForceFlush(timeoutMilliseconds);

    /// <inheritdoc/>
    protected override bool OnShutdown(int timeoutMilliseconds) => _batches.Shutdown(timeoutMilliseconds);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _batches.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>Counts what was sent, and what the collector did not take.</summary>
    private sealed class CountedExporter(BaseExporter<Activity> inner) : BaseExporter<Activity>
    {
        private long _through;

        /// <summary>Spans that wait no more.</summary>
        public long Through => Interlocked.Read(ref _through);

        /// <inheritdoc/>
        public override ExportResult Export(in Batch<Activity> batch)
        {
            var count = batch.Count;
            try
            {
                var result = inner.Export(batch);
                ExportMeter.Sent(count, result == ExportResult.Success);
                return result;
            }
            finally
            {
                Interlocked.Add(ref _through, count);
            }
        }

        /// <inheritdoc/>
        protected override bool OnShutdown(int timeoutMilliseconds) => inner.Shutdown(timeoutMilliseconds);

        /// <inheritdoc/>
        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                inner.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
