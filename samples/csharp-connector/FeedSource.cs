using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Trunkline.Messaging;
using Trunkline.Server.Connectors;

namespace Trunkline.Samples.CSharpConnector;

/// <summary>Reads a feed: <c>GET url?after=ID</c> gives a JSON array of what came behind that id, the oldest first; each item has an <c>id</c>.</summary>
internal sealed class FeedSource(HttpClient http, Uri url) : ISourceConnector
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public async IAsyncEnumerable<SourceMessage> ReadAsync(SourceStart start, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var position = start.Position; ;)
        {
            using var items = JsonDocument.Parse(await http.GetByteArrayAsync(new Uri(url, "?after=" + Uri.EscapeDataString(position ?? "")), cancellationToken));
            foreach (var item in items.RootElement.EnumerateArray())
            {
                position = item.GetProperty("id").GetString()!;
                yield return new SourceMessage(MessageOf(position, item), position);
            }

            if (items.RootElement.GetArrayLength() == 0)
            {
                await Task.Delay(Pause, start.Time, cancellationToken);
            }
        }
    }

    private static Message MessageOf(string id, JsonElement item) => new()
    {
        Id = new MessageId("feed-" + id),
        Source = "/feed",
        ContentType = "application/json",
        Payload = Encoding.UTF8.GetBytes(item.GetRawText()),
    };
}
