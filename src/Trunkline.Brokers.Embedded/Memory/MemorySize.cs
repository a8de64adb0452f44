using Trunkline.Messaging;

namespace Trunkline.Brokers.Embedded.Memory;

/// <summary>What things count against the broker's bound, about.</summary>
internal static class MemorySize
{
    /// <summary>What an entry costs beside its bytes: objects, references, dictionary slots.</summary>
    public const int Entry = 128;

    /// <summary>Payload, key and headers: what a topic's bound on messages counts.</summary>
    public static long Of(Message message)
    {
        long size = message.Payload.Length + (message.Key?.Bytes.Length ?? 0);
        foreach (var header in message.Headers)
        {
            size += header.Name.Length + header.Value.Length;
        }

        return size;
    }
}
