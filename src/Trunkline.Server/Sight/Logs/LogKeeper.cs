namespace Trunkline.Server.Sight.Logs;

/// <summary>Brings the lines that wait into the store. Thread-safe.</summary>
/// <param name="book">Where they wait.</param>
/// <param name="store">Keeps them.</param>
internal sealed class LogKeeper(LogBook book, LogStore store) : IDisposable
{
    private const int BatchLines = 1000;

    private readonly SemaphoreSlim _keeping = new(1, 1);

    // What the broker did not take; it goes before all that came since.
    private List<LogLine> _kept = [];

    /// <summary>Keeps all that waits.</summary>
    public async Task KeepAsync(CancellationToken cancellationToken)
    {
        await _keeping.WaitAsync(cancellationToken);
        try
        {
            while (_kept.Count > 0 || (_kept = book.Take(BatchLines)).Count > 0)
            {
                await store.AppendAsync(_kept, cancellationToken);
                _kept = [];
            }
        }
        finally
        {
            _keeping.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _keeping.Dispose();
}
