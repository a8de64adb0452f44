using System.Net;
using System.Security.Cryptography;
using System.Text;
using Trunkline.Core.Security;

namespace Trunkline.Core.Tests.Security;

public sealed class SecurityTests
{
    [Theory]
    [InlineData("localhost", true)]
    [InlineData("LocalHost", true)]
    [InlineData("localhost.", true)]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.9.9.9", true)]
    [InlineData("[::1]", true)]
    [InlineData("node.example.com", true)]
    [InlineData("10.1.2.3", true)]
    [InlineData("10.1.2.4", false)]
    [InlineData("evil.example", false)]
    [InlineData("localhost.evil.example", false)]
    [InlineData("127.0.0.1.evil.example", false)]
    [InlineData("127.1", false)]
    [InlineData("2130706433", false)]
    [InlineData("0x7f.0.0.1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void A_host_passes_only_if_it_is_this_nodes(string? host, bool passes) =>
        Assert.Equal(passes, new HostRule("127.0.0.1", ["node.example.com:7420"]).Allows(host, IPAddress.Parse("::ffff:10.1.2.3")));

    [Theory]
    [InlineData(null, null, true)]
    [InlineData("http://localhost:7420", null, true)]
    [InlineData("http://localhost:7420", "same-origin", true)]
    [InlineData(null, "none", true)]
    [InlineData("https://console.example", "cross-site", true)]
    [InlineData("http://localhost:9999", null, false)]
    [InlineData("http://localhost:9999", "same-site", false)]
    [InlineData(null, "same-site", false)]
    [InlineData(null, "cross-site", false)]
    [InlineData("null", null, false)]
    [InlineData("https://localhost:7420", null, false)]
    [InlineData("http://localhost:7420.evil.example", null, false)]
    public void A_write_passes_only_from_the_nodes_own_pages_listed_origins_and_programs(string? origin, string? site, bool passes) =>
        Assert.Equal(passes, new OriginRule(["https://console.example/"]).Allows("http://localhost:7420", origin, site));

    [Fact]
    public void A_token_is_found_by_its_hash_with_the_scopes_it_includes()
    {
        var table = new TokenTable([("ci", Sha("secret-1"), ["publish"], null, null), ("ops", Sha("secret-2"), ["operate"], "desk", null)], TimeProvider.System);
        Assert.Equal(new Caller("ci", Scopes.Publish), table.Find("secret-1"));
        Assert.True(table.Find("secret-2")!.Scopes.Permits(Scopes.Read));
        Assert.False(table.Find("secret-2")!.Scopes.Permits(Scopes.Publish));
    }

    [Fact]
    public void What_is_not_a_token_is_unknown()
    {
        var table = new TokenTable([("ci", Sha("secret-1"), ["publish"], null, null)], TimeProvider.System);
        Assert.Null(table.Find(""));
        Assert.Null(table.Find("secret-2"));
        Assert.Null(table.Find(Sha("secret-1")));
        Assert.Null(table.Find(new string('x', 100_000)));
    }

    [Fact]
    public void A_token_past_its_end_is_unknown()
    {
        TokenTable Of(double minutes) => new([("ci", Sha("secret-1"), ["publish"], null, TimeProvider.System.GetUtcNow().AddMinutes(minutes))], TimeProvider.System);
        Assert.NotNull(Of(5).Find("secret-1"));
        Assert.Null(Of(-5).Find("secret-1"));
    }

    [Fact]
    public void A_hash_that_is_none_is_refused() =>
        Assert.Throws<FormatException>(() => new TokenTable([("ci", "abc", ["read"], null, null)], TimeProvider.System));

    private static string Sha(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
