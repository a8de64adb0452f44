using System.Net;
using Trunkline.Core.Security;

namespace Trunkline.Core.Tests.Security;

public sealed class OutgoingAddressPolicyTests
{
    private readonly OutgoingAddressPolicy _none = new();

    [Theory]
    [InlineData("10.1.2.3")]
    [InlineData("172.31.255.255")]
    [InlineData("192.168.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("100.64.0.1")]
    [InlineData("0.0.0.0")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("fe80::1")]
    [InlineData("fd00::1")]
    [InlineData("ff02::1")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("::10.0.0.1")]
    [InlineData("64:ff9b::a00:1")]
    [InlineData("2002:a00:1::")]
    public void Private_and_special_addresses_are_refused(string address) => Assert.False(_none.Allows("host.example", IPAddress.Parse(address)));

    [Theory]
    [InlineData("93.184.215.14")]
    [InlineData("2606:2800:21f:cb07:6820:80da:af6b:8b2c")]
    public void Public_addresses_may_be_called(string address) => Assert.True(_none.Allows("host.example", IPAddress.Parse(address)));

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("127.9.9.9", "127.9.9.9")]
    [InlineData("::1", "::1")]
    [InlineData("::ffff:127.0.0.1", "::ffff:127.0.0.1")]
    [InlineData("localhost", "127.0.0.1")]
    [InlineData("LocalHost", "::1")]
    public void Loopback_may_be_called_where_it_was_written(string host, string address) => Assert.True(_none.Allows(host, IPAddress.Parse(address)));

    [Theory]
    [InlineData("host.example", "127.0.0.1")]
    [InlineData("host.example", "::1")]
    [InlineData("localhost.example", "127.0.0.1")]
    [InlineData("10.0.0.1", "127.0.0.1")]
    [InlineData("localhost", "10.0.0.1")]
    [InlineData("localhost", "64:ff9b::7f00:1")]
    public void A_name_that_turns_out_to_be_loopback_is_refused(string host, string address) => Assert.False(_none.Allows(host, IPAddress.Parse(address)));

    [Fact]
    public void What_is_listed_may_be_called_and_nothing_beside_it()
    {
        var policy = new OutgoingAddressPolicy("10.1.0.0/16", "192.168.7.7", "models.internal", "fd12::/16");

        Assert.True(policy.Allows("any", IPAddress.Parse("10.1.2.3")));
        Assert.True(policy.Allows("any", IPAddress.Parse("::ffff:10.1.2.3")));
        Assert.False(policy.Allows("any", IPAddress.Parse("10.2.0.1")));
        Assert.True(policy.Allows("any", IPAddress.Parse("192.168.7.7")));
        Assert.False(policy.Allows("any", IPAddress.Parse("192.168.7.8")));
        Assert.True(policy.Allows("Models.Internal", IPAddress.Parse("10.9.9.9")));
        Assert.True(policy.Allows("any", IPAddress.Parse("fd12::1")));
    }
}
