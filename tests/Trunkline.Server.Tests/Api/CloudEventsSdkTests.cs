using System.Text.Json.Nodes;
using Trunkline.Server.Tests.Hosting;
using Trunkline.Server.Tests.Schemas;
using Trunkline.Testing.Processes;

namespace Trunkline.Server.Tests.Api;

/// <summary>CloudEvents' own SDK, from npm, publishes and reads through a node.</summary>
public sealed class CloudEventsSdkTests
{
    [Fact]
    [Trait("speed", "slow")]
    public async Task The_SDK_publishes_in_both_modes_and_as_a_batch_and_reads_equal_events()
    {
        var folder = await NodeClients.InstalledAsync("cloudevents.js", "cloudevents");
        using var events = new TemporaryFolder();
        var vectors = CloudEventVectors.Read();
        string[] files = [.. Enumerable.Range(0, vectors.Count).Select(at => Path.Combine(events.Path, $"{at}.json"))];
        for (var at = 0; at < files.Length; at++)
        {
            await File.WriteAllTextAsync(files[at], JsonOf(vectors[at].Attributes, vectors[at].Data), TestContext.Current.CancellationToken);
        }

        await using var node = new NodeFixture("cloudevents", "topics: { events: { partitions: 1 } }");
        await node.StartAsync();
        var (exit, output) = await NodeClients.RunAsync("node", folder, ["cloudevents.js", $"{node.App.Url}/api/v1/topics/events/messages", .. files]);
        Assert.True(exit == 0 && output.TrimEnd().EndsWith("ok", StringComparison.Ordinal), output);
        Assert.Contains($"{files.Length} given", output, StringComparison.Ordinal);
    }

    private static string JsonOf(IReadOnlyDictionary<string, string> attributes, string data)
    {
        var all = new JsonObject();
        foreach (var (name, value) in attributes)
        {
            // The SDK puts extensions into headers as they are: no line may break there.
            all[name] = value.TrimEnd('\n');
        }

        all["data"] = attributes.GetValueOrDefault("datacontenttype", "application/json").StartsWith("application/json", StringComparison.Ordinal) ? JsonNode.Parse(data) : data;
        return all.ToJsonString();
    }
}
