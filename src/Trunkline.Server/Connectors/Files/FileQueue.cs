using System.Collections.Concurrent;

namespace Trunkline.Server.Connectors.Files;

/// <summary>
/// Brings what lanes write at once to one target, one batch after the other: what came while one was written is the next, so that many messages share
/// one sync. Thread-safe.
/// </summary>
internal sealed class FileQueue(IFileTarget target) : IDisposable
{
    // More than sinks ever have in hand; a disk that hangs must not gather tries given up long ago.
    private const int WaitingMax = 8 * 1024;

    private static readonly TimeSpan CloseMax = TimeSpan.FromSeconds(5);

    // The system's errors for a full disk and a used-up quota: Linux, Windows.
    private static readonly int[] FullErrors = [28, 122, unchecked((int)0x80070070)];

    private readonly ConcurrentQueue<FileItem> _waiting = new();
    private readonly SemaphoreSlim _gate = new(1, 1);

    /// <summary>Writes a message; completes when it is written, or was not.</summary>
    /// <param name="item">The message.</param>
    /// <param name="cancellationToken">Ends the wait; the message may be written all the same.</param>
    public async ValueTask<SinkAnswer> WriteAsync(FileItem item, CancellationToken cancellationToken)
    {
        if (_waiting.Count >= WaitingMax)
        {
            return new SinkAnswer.Later("as many messages as may wait for the file already");
        }

        _waiting.Enqueue(item);
        await _gate.WaitAsync(cancellationToken);
        if (item.Answered.IsCompleted)
        {
            _gate.Release();
        }
        else
        {
            // A disk may hang for long: the gate opens when it is done, whoever still waits.
            _ = Task.Run(Drain, CancellationToken.None);
        }

        return await item.Answered.WaitAsync(cancellationToken);
    }

    /// <summary>Closes the target; to be called once nobody writes any more.</summary>
    public void Dispose()
    {
        // What a disk that hangs holds up is left to the end of the process.
        if (_gate.Wait(CloseMax))
        {
            target.Close();
            _gate.Dispose();
        }
    }

    private void Drain()
    {
        var items = new List<FileItem>();
        while (items.Count < SentJournal.BatchMax && _waiting.TryDequeue(out var item))
        {
            items.Add(item);
        }

        var answer = TryWrite(items);
        items.ForEach(item => item.Answer(answer));
        _gate.Release();
    }

    private SinkAnswer TryWrite(List<FileItem> items)
    {
        try
        {
            target.Write(items);
            return new SinkAnswer.Sent();
        }
        catch (Exception failed)
        {
            // The boundary to the disk: whatever failed, how far it came is found out at the next try.
            target.Close();
            return LaterFor(failed);
        }
    }

    private static SinkAnswer.Later LaterFor(Exception failed) => failed switch
    {
        ConnectorException told => new SinkAnswer.Later(told.Message) { Code = "sink.file-failed" },
        IOException full when Array.IndexOf(FullErrors, full.HResult) >= 0 => new SinkAnswer.Later("the disk is full") { Code = "sink.disk-full" },
        UnauthorizedAccessException => new SinkAnswer.Later("the node may not write there") { Code = "sink.file-failed" },
        _ => new SinkAnswer.Later($"the file cannot be written: {failed.GetType().Name}") { Code = "sink.file-failed" },
    };
}
