using System.Net;
using System.Security.Cryptography;
using System.Text;
using Trunkline.Server.Configuration;
using Trunkline.Server.Tests.Api;
using Trunkline.Testing.Nodes;

namespace Trunkline.Server.Tests.Schemas;

/// <summary>What a token may do at the registry and at the pact broker, each scope for itself; as clients send it: bearer, or password of basic authentication.</summary>
public sealed class RegistryScopeTests : ApiTest
{
    private const string Schema = """{"schema":"\"int\""}""";
    private const string Pact = """{"interactions":[]}""";

    protected override InProcessNodeOptions Options() => new()
    {
        Logs = new TestLogs(),
        Project = new ProjectConfig { Node = new NodeConfig { Auth = [Token("read"), Token("publish"), Token("operate")] } },
    };

    [Theory]
    [InlineData("GET", "/registry/subjects", null, "read")]
    [InlineData("GET", "/registry/schemas/types", null, "read")]
    [InlineData("GET", "/registry/contexts/.lab/subjects", null, "read")]
    [InlineData("POST", "/registry/compatibility/subjects/s/versions", Schema, "read")]
    [InlineData("POST", "/registry/subjects/s/versions", Schema, "publish")]
    [InlineData("PUT", "/registry/config", """{"compatibility":"FULL"}""", "operate")]
    [InlineData("PUT", "/registry/mode/s", """{"mode":"READONLY"}""", "operate")]
    [InlineData("DELETE", "/registry/subjects/none", null, "operate")]
    [InlineData("GET", "/pact/", null, "read")]
    [InlineData("POST", "/pact/pacts/provider/api/for-verification", "{}", "read")]
    [InlineData("PUT", "/pact/pacts/provider/api/consumer/web/version/1", Pact, "publish")]
    [InlineData("POST", "/pact/environments", """{"name":"e"}""", "operate")]
    public async Task Each_address_asks_for_its_scope(string method, string path, string? body, string scope)
    {
        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(method, path, body, null));
        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(method, path, body, "Bearer nobody-secret"));
        foreach (var other in new[] { "read", "publish", "operate" })
        {
            var basic = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"user:{other}-secret"));
            foreach (var authorization in new[] { $"Bearer {other}-secret", basic })
            {
                var status = await SendAsync(method, path, body, authorization);
                // Who operates may look.
                var may = other == scope || (other, scope) == ("operate", "read");
                Assert.True((status == HttpStatusCode.Forbidden) != may, $"{other} at {method} {path}: {status}");
            }
        }
    }

    private static TokenConfig Token(string scope) => new(scope, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{scope}-secret"))), [scope]);

    private async Task<HttpStatusCode> SendAsync(string method, string path, string? body, string? authorization)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        using var response = await Http.SendAsync(request, Cancel);
        return response.StatusCode;
    }
}
