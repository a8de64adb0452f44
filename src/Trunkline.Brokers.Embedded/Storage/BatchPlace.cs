namespace Trunkline.Brokers.Embedded.Storage;

/// <summary>What a batch's key tells of it.</summary>
/// <param name="Topic">The topic's number.</param>
/// <param name="Partition">The partition.</param>
/// <param name="BaseOffset">Where it begins.</param>
/// <param name="LastOffset">Offset of its last message.</param>
/// <param name="Count">Messages in it.</param>
/// <param name="Bytes">Bytes of its value.</param>
/// <param name="FirstTicks">When its first message was appended.</param>
/// <param name="LastTicks">When its last message was appended.</param>
internal readonly record struct BatchPlace(
    int Topic, int Partition, long BaseOffset, long LastOffset, int Count, int Bytes, long FirstTicks, long LastTicks);
