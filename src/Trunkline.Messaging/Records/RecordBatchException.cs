namespace Trunkline.Messaging.Records;

/// <summary>What is wrong with the bytes of a record batch.</summary>
public enum RecordBatchFault
{
    /// <summary>Fewer or more bytes than the batch says it has.</summary>
    Length,

    /// <summary>The bytes do not start with a batch's mark.</summary>
    NotABatch,

    /// <summary>The checksum differs: the bytes were altered.</summary>
    Checksum,

    /// <summary>Written by a newer format.</summary>
    NewerFormat,

    /// <summary>The checksum fits, yet the content breaks the format.</summary>
    Malformed,
}

/// <summary>Bytes are not a whole record batch. The text carries offsets and lengths, never content.</summary>
/// <param name="fault">What is wrong.</param>
/// <param name="message">Where, for people.</param>
public sealed class RecordBatchException(RecordBatchFault fault, string message) : Exception(message)
{
    /// <summary>What is wrong.</summary>
    public RecordBatchFault Fault { get; } = fault;
}
