using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Trunkline.Client.Api;
using Trunkline.Server.Api.Security;
using Trunkline.Server.Configuration;
using Trunkline.Server.Tests.Api;
using Trunkline.Testing.Nodes;

namespace Trunkline.Server.Tests.Security;

/// <summary>What a browser shows instead of a token.</summary>
public sealed class SessionTests : ApiTest
{
    private const string Secret = "reader-secret";

    protected override InProcessNodeOptions Options() => new()
    {
        Project = new ProjectConfig
        {
            Node = new NodeConfig { Auth = [new TokenConfig("reader", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Secret))), ["read"])] },
        },
    };

    [Fact]
    public async Task A_session_permits_what_its_token_permits_and_is_not_the_token()
    {
        var session = await BeginAsync();
        Assert.Equal("reader", session.Name);
        Assert.DoesNotContain(Secret, session.Session, StringComparison.Ordinal);
        Assert.Equal("reader", (await GetAsync("/api/v1/node", session.Session)).Node!.Caller);
        Assert.Equal(HttpStatusCode.Forbidden, await PostAsync(session.Session, Http.BaseAddress!.GetLeftPart(UriPartial.Authority)));
    }

    [Fact]
    public async Task A_session_of_another_node_or_that_was_touched_is_none()
    {
        var session = (await BeginAsync()).Session;
        foreach (var wrong in new[] { "", "x", session[..^2], new SignInSessions(TimeProvider.System).Begin(Secret).Sealed, new string('a', 10_000) })
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await GetAsync("/api/v1/node", wrong)).Status);
        }
    }

    [Fact]
    public async Task Another_site_does_not_write_with_it() => Assert.Equal(HttpStatusCode.Forbidden, await PostAsync((await BeginAsync()).Session, "http://evil.example"));

    [Fact]
    public async Task A_wrong_token_begins_none()
    {
        using var answer = await Http.PostAsJsonAsync("/api/v1/sessions", new SessionRequest("guessed"), ApiJson.Default.SessionRequest, Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public void It_is_over_after_twelve_hours()
    {
        var time = new FakeTimeProvider();
        var sessions = new SignInSessions(time);
        var (session, end) = sessions.Begin(Secret);
        time.Advance(SignInSessions.Length - TimeSpan.FromSeconds(1));
        Assert.Equal(Secret, sessions.TokenOf(session));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(end, time.GetUtcNow());
        Assert.Null(sessions.TokenOf(session));
    }

    private async Task<SessionView> BeginAsync()
    {
        using var answer = await Http.PostAsJsonAsync("/api/v1/sessions", new SessionRequest(Secret), ApiJson.Default.SessionRequest, Cancel);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync(ApiJson.Default.SessionView, Cancel))!;
    }

    private async Task<(HttpStatusCode Status, NodeView? Node)> GetAsync(string path, string session)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Cookie", $"{SessionView.CookieName}={session}");
        using var answer = await Http.SendAsync(request, Cancel);
        return (answer.StatusCode, answer.IsSuccessStatusCode ? await answer.Content.ReadFromJsonAsync(ApiJson.Default.NodeView, Cancel) : null);
    }

    private async Task<HttpStatusCode> PostAsync(string session, string origin)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/topics") { Content = new StringContent("{\"name\":\"made\"}", Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("Cookie", $"{SessionView.CookieName}={session}");
        request.Headers.Add("Origin", origin);
        using var answer = await Http.SendAsync(request, Cancel);
        return answer.StatusCode;
    }
}
