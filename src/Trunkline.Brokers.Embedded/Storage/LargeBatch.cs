namespace Trunkline.Brokers.Embedded.Storage;

/// <summary>A batch whose bytes stay in the commit log.</summary>
/// <param name="Key">Its key in the store.</param>
/// <param name="Bytes">The batch.</param>
internal readonly record struct LargeBatch(byte[] Key, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>Smaller ones go into RocksDB, and are merged when many came one by one.</summary>
    public const int BytesMin = 16 * 1024;
}
