using System.Text;
using System.Text.Json;

namespace Trunkline.Server.Tests.Api;

/// <summary>Reads server-sent events by the rules of the HTML standard, written for the tests.</summary>
internal sealed class SseClient : IDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly StreamReader _reader;

    private SseClient(HttpResponseMessage response, Stream stream)
    {
        _response = response;
        _reader = new StreamReader(stream);
    }

    public static async Task<SseClient> OpenAsync(HttpClient http, string path, string? lastId, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (lastId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastId);
        }

        var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        return new SseClient(response, await response.Content.ReadAsStreamAsync(cancellationToken));
    }

    public async Task<(string Id, JsonElement Json)> NextAsync(CancellationToken cancellationToken)
    {
        var data = new StringBuilder();
        var id = "";
        while (await _reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Length == 0 && data.Length > 0)
            {
                return (id, JsonDocument.Parse(data.ToString()).RootElement);
            }

            id = line.StartsWith("id: ", StringComparison.Ordinal) ? line[4..] : id;
            if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                data.Append(data.Length > 0 ? "\n" : "").Append(line.AsSpan(6));
            }
        }

        throw new EndOfStreamException("The stream ended.");
    }

    public async Task<bool> EndedAsync(CancellationToken cancellationToken)
    {
        while (await _reader.ReadLineAsync(cancellationToken) is not null)
        {
        }

        return true;
    }

    public void Dispose()
    {
        _reader.Dispose();
        _response.Dispose();
    }
}
