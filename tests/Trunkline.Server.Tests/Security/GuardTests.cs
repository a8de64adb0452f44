using System.Net;
using System.Security.Cryptography;
using System.Text;
using Trunkline.Messaging.Topics;
using Trunkline.Server.Configuration;
using Trunkline.Server.Tests.Api;
using Trunkline.Testing.Nodes;

namespace Trunkline.Server.Tests.Security;

/// <summary>Loopback is not authentication: Host, origin and token rules on the wire.</summary>
public sealed class GuardTests : ApiTest
{
    private const string In = "/api/v1/topics/in/messages";
    private readonly TestLogs _logs = new();

    protected override InProcessNodeOptions Options() => new()
    {
        Logs = _logs,
        Topics = [new TopicSettings { Name = "in" }],
        Project = new ProjectConfig
        {
            Node = new NodeConfig
            {
                Hosts = ["node.example"],
                Origins = ["https://console.example"],
                Auth = [Token("reader", "read"), Token("writer", "publish"), Token("ops", "operate"), Token("boss", "admin")],
            },
        },
    };

    [Theory]
    [InlineData("evil.example")]
    [InlineData("evil.example:80")]
    [InlineData("localhost.evil.example")]
    [InlineData("127.1")]
    [InlineData("10.1.2.3")]
    public async Task A_foreign_host_is_refused_for_reads_and_writes(string host)
    {
        foreach (var path in new[] { "/health/live", "/metrics", "/", "/api/v1/topics" })
        {
            Assert.Contains("request.host-unknown", await RawAsync($"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"), StringComparison.Ordinal);
        }

        var answer = await RawAsync($"POST {In} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: 1\r\nConnection: close\r\n\r\n1");
        Assert.StartsWith("HTTP/1.1 421 ", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("127.0.0.1:9999")]
    [InlineData("[::1]:7420")]
    [InlineData("node.example")]
    public async Task A_known_host_passes(string host) =>
        Assert.StartsWith("HTTP/1.1 200 ", await RawAsync($"GET /health/live HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"), StringComparison.Ordinal);

    [Theory]
    [InlineData("GET /health/live HTTP/1.1\r\nConnection: close\r\n\r\n", 400)]
    [InlineData("GET /health/live HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n", 400)]
    [InlineData("GET http://evil.example/health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 400)]
    [InlineData("GET /health/live HTTP/1.0\r\nConnection: close\r\n\r\n", 421)]
    [InlineData("GET /health/live HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\nConnection: close\r\n\r\n", 400)]
    [InlineData("GET /health/%00live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 400)]
    [InlineData("GET /api/v1/topics/../../../health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 200)]
    public async Task Odd_requests_get_a_status_and_no_server_header(string request, int status)
    {
        var answer = await RawAsync(request);
        Assert.Contains($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("Server:", answer, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Headers_past_the_bounds_are_refused()
    {
        var many = string.Concat(Enumerable.Range(0, 200).Select(i => $"X-{i}: y\r\n"));
        Assert.Contains(" 431 ", await RawAsync($"GET /health/live HTTP/1.1\r\nHost: localhost\r\n{many}\r\n"), StringComparison.Ordinal);
        Assert.Contains(" 431 ", await RawAsync($"GET /health/live HTTP/1.1\r\nHost: localhost\r\nX: {new string('y', 40_000)}\r\n\r\n"), StringComparison.Ordinal);
        Assert.Contains(" 414 ", await RawAsync($"GET /{new string('y', 40_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Origin", "http://evil.example")]
    [InlineData("Origin", "null")]
    [InlineData("Origin", "http://localhost:1")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    public async Task A_write_from_another_site_is_refused(string header, string value)
    {
        AssertProblem(HttpStatusCode.Forbidden, "request.cross-site", await PostAsync(In, "{}", "application/json", ("Authorization", "Bearer writer-secret"), (header, value)));
        AssertProblem(HttpStatusCode.Forbidden, "request.cross-site",
            await PostAsync("/api/v1/topics", "{\"name\":\"x\"}", "application/json", ("Authorization", "Bearer boss-secret"), (header, value)));
    }

    [Fact]
    public async Task A_write_from_the_nodes_own_pages_and_listed_origins_passes()
    {
        foreach (var origin in new[] { Node.Url, "https://console.example" })
        {
            Assert.Equal(HttpStatusCode.OK, (await PostAsync(In, "{}", "application/json", ("Authorization", "Bearer writer-secret"), ("Origin", origin))).Status);
        }
    }

    [Fact]
    public async Task A_listed_origin_is_told_so_and_no_other()
    {
        foreach (var (origin, allowed) in new[] { ("https://console.example", true), ("https://evil.example", false) })
        {
            using var preflight = new HttpRequestMessage(HttpMethod.Options, In);
            preflight.Headers.Add("Origin", origin);
            preflight.Headers.Add("Access-Control-Request-Method", "POST");
            using var answer = await Http.SendAsync(preflight, Cancel);
            Assert.Equal(allowed, answer.Headers.Contains("Access-Control-Allow-Origin"));
        }
    }

    [Theory]
    [InlineData(null, HttpStatusCode.Unauthorized, "auth.token-missing")]
    [InlineData("Bearer nobody", HttpStatusCode.Unauthorized, "auth.token-invalid")]
    [InlineData("Bearer ", HttpStatusCode.Unauthorized, "auth.token-missing")]
    [InlineData("Digest writer-secret", HttpStatusCode.Unauthorized, "auth.token-missing")]
    [InlineData("Bearer reader-secret", HttpStatusCode.Forbidden, "auth.scope-missing")]
    [InlineData("Bearer ops-secret", HttpStatusCode.Forbidden, "auth.scope-missing")]
    public async Task Without_the_right_token_nothing_is_published(string? authorization, HttpStatusCode status, string code)
    {
        (string, string)[] headers = authorization is null ? [] : [("Authorization", authorization)];
        AssertProblem(status, code, await PostAsync(In, "{}", "application/json", headers));
    }

    [Fact]
    public async Task Scopes_permit_what_they_name_and_include()
    {
        Assert.Equal("401, 403, 200, 200, 200", await StatusesAsync("GET", In, null));
        Assert.Equal("401, 200, 403, 403, 200", await StatusesAsync("POST", In, "1"));
        Assert.Equal("401, 403, 403, 201, 201", await StatusesAsync("POST", "/api/v1/topics", "{\"name\":\"made\"}"));
        Assert.Equal("401, 403, 200, 200, 200", await StatusesAsync("GET", "/metrics", null));
        Assert.Equal("401, 403, 200, 200, 200", await StatusesAsync("GET", "/docs", null));
        Assert.Equal("200, 200, 200, 200, 200", await StatusesAsync("GET", "/health/ready", null));
        Assert.Equal("401, 403, 404, 404, 404", await StatusesAsync("GET", "/nothing", null));
    }

    [Fact]
    public async Task Basic_carries_the_token_as_password_for_browsers()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/topics");
        request.Headers.TryAddWithoutValidation("Authorization", "Basic " + Convert.ToBase64String("me:reader-secret"u8));
        using var answer = await Http.SendAsync(request, Cancel);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        using var page = await Http.GetAsync("/docs", Cancel);
        Assert.StartsWith("Basic", page.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_shows_neither_in_answers_nor_in_the_log()
    {
        var (_, wrong) = await PostAsync(In, "{}", "application/json", ("Authorization", "Bearer nobody-secret"));
        var (_, weak) = await PostAsync(In, "{}", "application/json", ("Authorization", "Bearer reader-secret"));
        Assert.DoesNotContain("secret", wrong.ToString() + weak, StringComparison.Ordinal);
        Assert.DoesNotContain(_logs.Lines, l => l.Contains("secret", StringComparison.Ordinal));
    }

    // Without a token, and with each of the four in order.
    private async Task<string> StatusesAsync(string method, string path, string? body)
    {
        var statuses = new List<int>();
        foreach (var token in new[] { null, "writer-secret", "reader-secret", "ops-secret", "boss-secret" })
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path);
            request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
            if (token is not null)
            {
                request.Headers.Add("Authorization", "Bearer " + token);
            }

            using var answer = await Http.SendAsync(request, Cancel);
            statuses.Add((int)answer.StatusCode);
        }

        return string.Join(", ", statuses);
    }

    private Task<string> RawAsync(string request) => RawHttp.SendAsync(new Uri(Node.Url), request, Cancel);

    private static TokenConfig Token(string name, string scope) =>
        new(name, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name + "-secret"))), [scope]);
}
