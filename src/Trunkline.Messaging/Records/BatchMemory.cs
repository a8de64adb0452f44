namespace Trunkline.Messaging.Records;

/// <summary>
/// Memory for batches that are kept for a while, like those at the end of a log: pieces of large arrays. An array for each would be copied by two
/// garbage collections before it comes to rest, while all threads wait: half of all pauses of a flow. An array goes when no batch in it is
/// used any more. Not thread-safe.
/// </summary>
public sealed class BatchMemory
{
    // Above the 85,000 bytes from which the collector leaves an array where it is; what one message that is kept for long holds with it.
    private const int ArrayBytes = 128 * 1024;
    private byte[] _array = [];
    private int _used;

    /// <summary>So many bytes, of any content; a quarter of an array or more gets an array of its own.</summary>
    internal Memory<byte> Take(int length)
    {
        if (length >= ArrayBytes / 4)
        {
            return GC.AllocateUninitializedArray<byte>(length);
        }

        if (_array.Length - _used < length)
        {
            _array = GC.AllocateUninitializedArray<byte>(ArrayBytes);
            _used = 0;
        }

        var piece = _array.AsMemory(_used, length);
        _used += length;
        return piece;
    }
}
