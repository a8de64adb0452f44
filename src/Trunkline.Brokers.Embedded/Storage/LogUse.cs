namespace Trunkline.Brokers.Embedded.Storage;

/// <summary>What of a file of the commit log is needed.</summary>
internal sealed class LogUse
{
    /// <summary>How many batches.</summary>
    public int Batches { get; private set; }

    /// <summary>Their bytes.</summary>
    public long Bytes { get; private set; }

    /// <summary>Where the last one ends.</summary>
    public long End { get; private set; }

    public void Add(in LogPlace place, int length)
    {
        Batches++;
        Bytes += length;
        End = Math.Max(End, place.At + length);
    }
}
