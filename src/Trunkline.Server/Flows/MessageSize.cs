using Trunkline.Messaging;

namespace Trunkline.Server.Flows;

/// <summary>What a message counts for against bounds: payload, key, header names and values.</summary>
internal static class MessageSize
{
    public static int Of(Message message)
    {
        var bytes = (long)message.Payload.Length + (message.Key?.Bytes.Length ?? 0);
        var headers = message.Headers;
        for (var i = 0; i < headers.Count; i++)
        {
            bytes += headers[i].Name.Length + headers[i].Value.Length;
        }

        return (int)Math.Min(bytes, int.MaxValue);
    }
}
