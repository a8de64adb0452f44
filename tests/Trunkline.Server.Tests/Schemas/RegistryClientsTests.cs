using Trunkline.Server.Tests.Api;

namespace Trunkline.Server.Tests.Schemas;

/// <summary>The clients services really use, from npm: they register, write and read through the registry of a node.</summary>
public sealed class RegistryClientsTests : ApiTest
{
    [Fact]
    [Trait("speed", "slow")]
    public async Task Clients_of_node_register_write_and_read()
    {
        var folder = await NodeClients.InstalledAsync("clients.js", "@confluentinc/schemaregistry");
        var (exit, output) = await NodeClients.RunAsync("node", folder, "clients.js", new Uri(Http.BaseAddress!, "registry").ToString());
        Assert.True(exit == 0 && output.TrimEnd().EndsWith("ok", StringComparison.Ordinal), output);
    }
}
