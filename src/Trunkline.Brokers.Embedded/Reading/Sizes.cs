using Trunkline.Messaging;

namespace Trunkline.Brokers.Embedded.Reading;

/// <summary>What counts against a topic's bound on messages and a read's bound on bytes: payload, key and headers.</summary>
internal static class Sizes
{
    public static long Of(Message message)
    {
        long size = message.Payload.Length + (message.Key?.Bytes.Length ?? 0);
        for (var i = 0; i < message.Headers.Count; i++)
        {
            size += message.Headers[i].Name.Length + message.Headers[i].Value.Length;
        }

        return size;
    }
}
