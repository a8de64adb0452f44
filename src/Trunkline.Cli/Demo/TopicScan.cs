using System.Runtime.CompilerServices;
using Trunkline.Client;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Demo;

/// <summary>Every message of a topic, read back.</summary>
internal static class TopicScan
{
    private const int PageMessagesMax = 1000;

    /// <summary>From the oldest to the end as it is then.</summary>
    public static async IAsyncEnumerable<EventView> ReadAsync(TrunklineClient client, string topic, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        MessagesPage? page = null;
        do
        {
            page = page is null
                ? await client.ReadAsync(topic, ReadFrom.Earliest, PageMessagesMax, cancellationToken)
                : await client.ReadNextAsync(page, cancellationToken);
            foreach (var message in page.Messages)
            {
                yield return message;
            }
        }
        while (!page.End);
    }
}
