using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Trunkline.Server.Pacts.Matching;

namespace Trunkline.Server.Pacts.Verifying;

/// <summary>What a provider answered.</summary>
internal sealed record PactAnswer(int Status, IReadOnlyDictionary<string, string> Headers, ReadOnlyMemory<byte> Body);

/// <summary>Talks to the provider that is verified, in the ways of Pact's own verifiers.</summary>
internal sealed class PactProvider(HttpClient http, PactVerifierOptions options)
{
    private const int AnswerMax = 16 * 1024 * 1024;
    private const string MetadataHeader = "Pact-Message-Metadata";

    private static readonly string[] s_own = ["Host", "Content-Length", "Transfer-Encoding", "Connection"];

    /// <summary>Sets the states of an interaction; gives what the provider told of them.</summary>
    public async Task<IReadOnlyDictionary<string, JsonElement>> EnterAsync(string consumer, PactInteraction interaction, CancellationToken cancellationToken)
    {
        var values = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var state in interaction.States)
        {
            if (await StateAsync(consumer, state, "setup", cancellationToken) is { } told)
            {
                foreach (var one in told.EnumerateObject())
                {
                    values[one.Name] = one.Value;
                }
            }
        }

        return values;
    }

    /// <summary>Takes the states back.</summary>
    public async Task LeaveAsync(string consumer, PactInteraction interaction, CancellationToken cancellationToken)
    {
        foreach (var state in interaction.States.Reverse())
        {
            await StateAsync(consumer, state, "teardown", cancellationToken);
        }
    }

    /// <summary>Sends a request of a pact.</summary>
    /// <param name="wanted">The request.</param>
    /// <param name="values">What the provider told of its states: it may take the place of examples.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<PactAnswer> AskAsync(PactMessage wanted, IReadOnlyDictionary<string, JsonElement> values, CancellationToken cancellationToken)
    {
        var concrete = PactGenerators.Apply(wanted, values);
        using var request = new HttpRequestMessage(new HttpMethod((concrete.Method ?? "GET").ToUpperInvariant()), Address(concrete));
        if (concrete.Body.Bytes() is { Length: > 0 } body)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = MediaTypeHeaderValue.TryParse(concrete.Body.ContentType ?? "application/json", out var type) ? type : null;
        }

        foreach (var (name, value) in concrete.Headers.Concat(options.Headers).Where(one => !s_own.Contains(one.Key, StringComparer.OrdinalIgnoreCase)))
        {
            if (!request.Headers.TryAddWithoutValidation(name, value) && !name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return await SendAsync(request, cancellationToken);
    }

    /// <summary>Asks for the message of an interaction.</summary>
    public async Task<PactEmitted> MessageAsync(PactFile pact, PactInteraction interaction, CancellationToken cancellationToken)
    {
        var states = interaction.States.Select(state => (JsonNode)new JsonObject { ["name"] = state.Name, ["params"] = Node(state.Parameters) });
        var asked = new JsonObject { ["description"] = interaction.Description, ["providerStates"] = new JsonArray([.. states]), ["consumer"] = pact.Consumer, ["provider"] = pact.Provider };
        using var request = new HttpRequestMessage(HttpMethod.Post, options.Messages) { Content = Json(asked) };
        var answer = await SendAsync(request, cancellationToken);
        return answer.Status is >= 200 and < 300
            ? new PactEmitted(answer.Body, PactHeaders.ContentType(answer.Headers), Metadata(answer.Headers))
            : throw new HttpRequestException(string.Create(CultureInfo.InvariantCulture, $"{options.Messages} answered {answer.Status} when asked for the message"));
    }

    private Uri Address(PactMessage request)
    {
        var query = request.QueryText ?? (request.Query is null ? "" : string.Join('&', request.Query.SelectMany(one => one.Value.Select(value => $"{Uri.EscapeDataString(one.Key)}={Uri.EscapeDataString(value)}"))));
        var path = request.Path ?? "/";
        return new Uri(options.Provider!.ToString().TrimEnd('/') + (path.StartsWith('/') ? path : "/" + path) + (query.Length > 0 ? "?" + query : ""));
    }

    private async Task<JsonElement?> StateAsync(string consumer, PactState state, string action, CancellationToken cancellationToken)
    {
        if (options.States is null)
        {
            return null;
        }

        var asked = new JsonObject { ["consumer"] = consumer, ["state"] = state.Name, ["states"] = new JsonArray(state.Name), ["params"] = Node(state.Parameters), ["action"] = action };
        using var request = new HttpRequestMessage(HttpMethod.Post, options.States) { Content = Json(asked) };
        var answer = await SendAsync(request, cancellationToken);
        if (answer.Status is < 200 or >= 300)
        {
            throw new HttpRequestException(string.Create(CultureInfo.InvariantCulture, $"{options.States} answered {answer.Status} to the {action} of state '{state.Name}'"));
        }

        return PactMedia.Json(Encoding.UTF8.GetString(answer.Body.Span)) is { ValueKind: JsonValueKind.Object } told ? told : null;
    }

    private async Task<PactAnswer> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        await response.Content.LoadIntoBufferAsync(AnswerMax, cancellationToken);
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, values) in response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated))
        {
            headers[name] = string.Join(", ", values);
        }

        return new PactAnswer((int)response.StatusCode, headers, await response.Content.ReadAsByteArrayAsync(cancellationToken));
    }

    private static Dictionary<string, string> Metadata(IReadOnlyDictionary<string, string> headers)
    {
        var metadata = new Dictionary<string, string>(headers, StringComparer.OrdinalIgnoreCase);
        if (headers.TryGetValue(MetadataHeader, out var written) && new byte[written.Length] is var bytes && Convert.TryFromBase64String(written, bytes, out var length)
            && PactMedia.Json(Encoding.UTF8.GetString(bytes, 0, length)) is { ValueKind: JsonValueKind.Object } told)
        {
            foreach (var one in told.EnumerateObject())
            {
                metadata[one.Name] = PactValues.Text(one.Value);
            }
        }

        return metadata;
    }

    private static StringContent Json(JsonObject body) => new(body.ToJsonString(), Encoding.UTF8, "application/json");

    private static JsonNode? Node(JsonElement element) => element.ValueKind == JsonValueKind.Undefined ? new JsonObject() : JsonNode.Parse(element.GetRawText());
}
