using Trunkline.Server.Pacts.Verifying;
using Trunkline.Server.Tests.Api;
using Trunkline.Server.Tests.Schemas;
using Trunkline.Testing.Processes;

namespace Trunkline.Server.Tests.Pacts;

/// <summary>Pact's own command line, library and verifier, from npm, with a node as their broker.</summary>
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

    [Fact]
    [Trait("speed", "slow")]
    public async Task Pacts_library_publishes_and_verifies_all_versions_and_so_does_trunkline()
    {
        var folder = await NodeClients.InstalledAsync("pact-library.js", "@pact-foundation/pact");
        using var pacts = new TemporaryFolder();
        var (exit, output) = await NodeClients.RunAsync("node", folder, "pact-library.js", new Uri(Http.BaseAddress!, "pact").ToString(), pacts.Path);
        Assert.True(exit == 0 && output.TrimEnd().EndsWith("ok", StringComparison.Ordinal), output);

        // The pacts the library wrote, verified by our own verifier.
        await using var provider = await MailProvider.StartAsync(Cancel);
        using var http = new HttpClient();
        var verifier = new PactVerifier(http, provider.Options);
        var versions = new List<int>();
        foreach (var file in Directory.EnumerateFiles(pacts.Path, "*.json"))
        {
            var verdict = await verifier.VerifyAsync(await File.ReadAllTextAsync(file, Cancel), Cancel);
            Assert.True(verdict.Success, string.Join('\n', verdict.Interactions.SelectMany(one => one.Mismatches)));
            versions.Add(verdict.Version);
        }

        Assert.Equal([1, 2, 3, 3, 4, 4], versions.Order());
    }
}
