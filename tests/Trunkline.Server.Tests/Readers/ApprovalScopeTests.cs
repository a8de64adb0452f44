using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Trunkline.Server.Configuration;
using Trunkline.Server.Tests.Api;
using Trunkline.Testing.Nodes;

namespace Trunkline.Server.Tests.Readers;

/// <summary>Where tokens are asked for, an owner's approval is written with a token of that owner.</summary>
public sealed class ApprovalScopeTests : ApiTest
{
    protected override InProcessNodeOptions Options() => new()
    {
        Logs = new TestLogs(),
        Project = new ProjectConfig
        {
            Owners = new Dictionary<string, OwnerConfig> { ["finance"] = new(null, null), ["desk"] = new(null, null) },
            Node = new NodeConfig { Auth = [Token("finance", "publish", "finance"), Token("desk", "publish", "desk"), Token("ops", "operate", null), Token("reader", "read", "finance"), Token("boss", "admin", null)] },
        },
    };

    [Theory]
    [InlineData("finance", HttpStatusCode.Created, "")]
    [InlineData("boss", HttpStatusCode.Created, "")]
    [InlineData("desk", HttpStatusCode.Forbidden, "auth.owner-other")]
    [InlineData("ops", HttpStatusCode.Forbidden, "auth.scope-missing")]
    [InlineData("reader", HttpStatusCode.Forbidden, "auth.scope-missing")]
    public async Task Only_the_owner_approves_or_an_administrator(string token, HttpStatusCode expected, string code)
    {
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        var (status, answer) = await PostAsync("/api/v1/contracts/approvals", """{"subject":"orders","schema":"{}","owner":"finance"}""", "application/json");
        Assert.Equal(expected, status);
        Assert.Equal(code, answer.TryGetProperty("code", out var told) ? told.GetString() : "");
    }

    private static TokenConfig Token(string name, string scope, string? owner) => new(name, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name))), [scope]) { Owner = owner };
}
