using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Trunkline.Client.Api;

namespace Trunkline.Client.Http;

/// <summary>Requests to one node, and its answers as values or as the two exceptions of this package.</summary>
internal sealed class NodeHttp(HttpClient http) : IDisposable
{
    /// <summary>Tries of what may be sent again, the first included.</summary>
    private const int AttemptsMax = 3;

    private const string RegistryMediaType = "application/vnd.schemaregistry.v1+json";

    private static readonly TimeSpan PauseMin = TimeSpan.FromMilliseconds(100);

    public Uri Address { get; } = http.BaseAddress ?? throw new ArgumentException("The HttpClient has no BaseAddress.", nameof(http));

    public static HttpClient CreateClient(Uri address, string? token, TimeSpan? timeout)
    {
        ArgumentNullException.ThrowIfNull(address);

        // Redirects are not followed: a node never sends one, and a token must not travel to whoever does.
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        };
        var client = new HttpClient(handler) { BaseAddress = address, Timeout = timeout ?? TimeSpan.FromSeconds(100) };
        client.DefaultRequestHeaders.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        var version = typeof(NodeHttp).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0];
        client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("trunkline-client", version ?? "0"));
        return client;
    }

    /// <summary>The last day of the topic that was read or written last, of those that have one.</summary>
    public TopicEnding? Ending { get; private set; }

    public void Dispose() => http.Dispose();

    /// <summary>
    /// Sends what may be sent again, up to <see cref="AttemptsMax"/> times while no node answers or it asks to wait, with a short
    /// random pause between.
    /// </summary>
    public async Task<T> SendRepeatableAsync<T>(Func<HttpRequestMessage> request, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await SendAsync(request(), type, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception failure) when (attempt < AttemptsMax && Backoff.IsPassing(failure) && !IsTimeout(failure))
            {
                var pause = PauseMin * (1 << attempt) * Random.Shared.NextDouble();
                await Task.Delay(pause, TimeProvider.System, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Sends what may be sent again for so long as no node answers or it asks to wait, and fails with the last failure after that.</summary>
    public async Task<T> SendPatientlyAsync<T>(
        Func<HttpRequestMessage> request, JsonTypeInfo<T> type, (TimeSpan Patience, TimeProvider Time) bound, CancellationToken cancellationToken)
    {
        var started = bound.Time.GetTimestamp();
        for (var backoff = new Backoff(); ;)
        {
            try
            {
                return await SendAsync(request(), type, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception failure) when (Backoff.IsPassing(failure) && bound.Time.GetElapsedTime(started) < bound.Patience)
            {
                await Task.Delay(backoff.Next(failure), bound.Time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Posts JSON and reads JSON, once.</summary>
    public Task<TOut> PostAsync<TIn, TOut>(string path, TIn body, (JsonTypeInfo<TIn> In, JsonTypeInfo<TOut> Out) types, CancellationToken cancellationToken) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body, types.In) }, types.Out, cancellationToken);

    /// <summary>The readiness probe, whose answer of 503 is an answer too.</summary>
    public async Task<HealthView> GetHealthAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/health/ready");
        using var response = await ReachAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode && response.Content.Headers.ContentType?.MediaType != "application/json")
        {
            throw await ReadProblemAsync(response, cancellationToken).ConfigureAwait(false);
        }

        return await response.Content.ReadFromJsonAsync(ApiJson.Default.HealthView, cancellationToken).ConfigureAwait(false)
            ?? throw new TrunklineException("http.not-a-node", (int)response.StatusCode, $"What answers at {Address} is not a Trunkline node.", "Check the address.");
    }

    /// <summary>Sends, and reads the answer's JSON.</summary>
    public async Task<T> SendAsync<T>(HttpRequestMessage request, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using (request)
        {
            using var response = await SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken).ConfigureAwait(false);
            try
            {
                return await response.Content.ReadFromJsonAsync(type, cancellationToken).ConfigureAwait(false) ?? throw new JsonException("The answer is null.");
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException)
            {
                throw new NodeUnreachableException(Address, $"The node at {Address} broke off within its answer: {exception.Message}", exception);
            }
            catch (JsonException exception)
            {
                throw new TrunklineException("http.not-a-node", (int)response.StatusCode,
                    $"What answers at {Address} is not a Trunkline node of this version: {exception.Message}", "Check the address.");
            }
        }
    }

    /// <summary>Sends, and gives an answer of success.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, HttpCompletionOption completion, CancellationToken cancellationToken)
    {
        var response = await ReachAsync(request, completion, cancellationToken).ConfigureAwait(false);
        if (response.IsSuccessStatusCode)
        {
            Ending = TopicEnding.Of(response.Headers) ?? Ending;
            return response;
        }

        using (response)
        {
            throw await ReadProblemAsync(response, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Copies the answer's body as it comes.</summary>
    public async Task CopyAsync(string path, Stream to, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        using var response = await SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        try
        {
            await response.Content.CopyToAsync(to, cancellationToken).ConfigureAwait(false);
        }
        catch (HttpRequestException exception)
        {
            throw new NodeUnreachableException(Address, $"The node at {Address} broke off within its answer: {exception.Message}", exception);
        }
    }

    // Whoever calls has waited long enough by then.
    private static bool IsTimeout(Exception failure) => failure is NodeUnreachableException { InnerException: TaskCanceledException };

    private async Task<HttpResponseMessage> ReachAsync(HttpRequestMessage request, HttpCompletionOption completion, CancellationToken cancellationToken)
    {
        try
        {
            return await http.SendAsync(request, completion, cancellationToken).ConfigureAwait(false);
        }
        catch (HttpRequestException exception)
        {
            throw new NodeUnreachableException(Address, $"No node answers at {Address}: {exception.Message}", exception);
        }
        catch (TaskCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new NodeUnreachableException(Address, $"The node at {Address} did not answer within {http.Timeout.TotalSeconds:0} s.", exception);
        }
    }

    private async Task<TrunklineException> ReadProblemAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var status = (int)response.StatusCode;
        var retryAfter = response.Headers.RetryAfter?.Delta;
        if (response.Content.Headers.ContentType?.MediaType == "application/problem+json")
        {
            try
            {
                var body = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
                if (JsonSerializer.Deserialize(body, ApiJson.Default.Problem) is { Code: not null } problem)
                {
                    return new TrunklineException(problem.Code, status, Text(problem, status), problem.Remedy ?? "") { Problem = problem, RetryAfter = retryAfter };
                }
            }
            catch (JsonException)
            {
                // Not a problem of ours after all: told by its status below.
            }
        }

        if (response.Content.Headers.ContentType?.MediaType == RegistryMediaType
            && await response.Content.ReadFromJsonAsync(ApiJson.Default.RegistryError, cancellationToken).ConfigureAwait(false) is { } error)
        {
            var code = string.Create(CultureInfo.InvariantCulture, $"registry.{error.ErrorCode}");
            return new TrunklineException(code, status, error.Message ?? code, "") { RetryAfter = retryAfter };
        }

        return new TrunklineException(
            string.Create(CultureInfo.InvariantCulture, $"http.{status}"),
            status,
            $"{Address} answered {status} {response.ReasonPhrase}".TrimEnd() + ".",
            "Check that the address is that of a Trunkline node of this version.")
        {
            RetryAfter = retryAfter,
        };
    }

    private static string Text(Problem problem, int status)
    {
        var title = problem.Title ?? string.Create(CultureInfo.InvariantCulture, $"The node answered {status}");
        return problem.Detail switch
        {
            null or "" => title,
            var detail when detail.StartsWith(title, StringComparison.OrdinalIgnoreCase) => detail,
            var detail => $"{title}: {detail}",
        };
    }
}
