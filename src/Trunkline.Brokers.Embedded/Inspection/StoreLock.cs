using Trunkline.Messaging.Brokers;

namespace Trunkline.Brokers.Embedded.Inspection;

/// <summary>
/// Holds the store's own lock, so that no node has it open or opens it meanwhile. The lock belongs to the process: never take it in a
/// process that has the store open.
/// </summary>
internal sealed class StoreLock : IDisposable
{
    private readonly FileStream? _file;

    public StoreLock(string directory)
    {
        var path = Path.Combine(directory, "LOCK");
        if (!File.Exists(path))
        {
            return;
        }

        // Shared, because .NET's own lock of a file is another than the one RocksDB takes (fcntl), which is that of Lock.
        var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        try
        {
            if (!OperatingSystem.IsMacOS())
            {
                file.Lock(0, 0);
            }

            _file = file;
        }
        catch (IOException held)
        {
            file.Dispose();
            throw new BrokerException(BrokerErrorCode.StoreLocked, $"The store in {directory} is in use: stop the node first.", held);
        }
    }

    public void Dispose() => _file?.Dispose();
}
