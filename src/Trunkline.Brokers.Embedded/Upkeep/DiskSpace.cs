using Microsoft.Extensions.Logging;
using Trunkline.Brokers.Embedded.Commits;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Brokers.Embedded.Upkeep;

/// <summary>
/// Refuses what would grow the store while the volume is nearly full, so that the log never meets the end of the disk in the
/// middle of a write; reads and deletions go on, and appends again as soon as there is room.
/// </summary>
internal sealed class DiskSpace(string directory, long freeBytesMin, ILogger logger)
{
    private readonly DriveInfo _drive = new(Path.GetFullPath(directory));
    private volatile bool _low;

    /// <summary>Looks again.</summary>
    public void Refresh()
    {
        bool low;
        try
        {
            low = _drive.AvailableFreeSpace < freeBytesMin;
        }
        catch (IOException)
        {
            // A volume that cannot be asked is not known to be full; a write will tell.
            low = false;
        }

        if (low && !_low)
        {
            Log.DiskLow(logger, freeBytesMin, directory);
        }

        _low = low;
    }

    /// <summary>Why appends are refused; null if they are not.</summary>
    public BrokerException? Refusal => !_low ? null : new BrokerException(
        BrokerErrorCode.DiskFull, $"Less than {freeBytesMin} bytes are free in {directory}; nothing is stored. Free space, or shorten the retention of topics.");

    public void ThrowIfLow(PendingUnit unit)
    {
        if (unit.Bytes > 0 && Refusal is { } refusal)
        {
            throw refusal;
        }
    }
}
