using Trunkline.Server.Tests.Api;
using Trunkline.Server.Tests.Schemas;

namespace Trunkline.Server.Tests.Pacts;

/// <summary>Pact's own command line and verifier, from npm, with a node as their broker.</summary>
public sealed class PactClientsTests : ApiTest
{
    [Fact]
    [Trait("speed", "slow")]
    public async Task Pacts_command_line_publishes_verifies_records_and_asks()
    {
        var folder = await NodeClients.InstalledAsync("pact.js", "@pact-foundation/pact-cli");
        var (exit, output) = await NodeClients.RunAsync("node", folder, "pact.js", new Uri(Http.BaseAddress!, "pact").ToString());
        Assert.True(exit == 0 && output.TrimEnd().EndsWith("ok", StringComparison.Ordinal), output);
    }
}
