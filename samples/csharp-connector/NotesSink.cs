using System.Net.Http.Headers;
using Trunkline.Server.Connectors;

namespace Trunkline.Samples.CSharpConnector;

/// <summary>Keeps each message as a note: <c>PUT url/ID</c>. The id is the same at every try, so a repeat replaces the note by itself.</summary>
internal sealed class NotesSink(HttpClient http, Uri url) : ISinkConnector
{
    /// <inheritdoc/>
    public async ValueTask<SinkAnswer> SendAsync(SinkMessage message, CancellationToken cancellationToken)
    {
        using var content = new ReadOnlyMemoryContent(message.Message.Payload);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var response = await http.PutAsync(new Uri(url, message.Id), content, cancellationToken);
        return (int)response.StatusCode switch
        {
            < 300 => new SinkAnswer.Sent(),
            408 or 429 or >= 500 => new SinkAnswer.Later($"the notes answered {(int)response.StatusCode}", response.Headers.RetryAfter?.Delta),
            _ => new SinkAnswer.Refused($"the notes answered {(int)response.StatusCode}"),
        };
    }
}
