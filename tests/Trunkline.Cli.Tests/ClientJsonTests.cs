using System.Text.Json;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Tests;

public sealed class ClientJsonTests
{
    [Fact]
    public void A_message_keeps_its_extensions_through_reading_and_writing()
    {
        const string json = """
            {"specversion":"1.0","id":"1","source":"/s","type":"t","partition":2,"offset":7,"appendedAt":"2026-01-31T12:00:00+00:00","tenant":"acme"}
            """;
        var message = JsonSerializer.Deserialize(json, ApiJson.Default.EventView)!;
        Assert.Equal((2, 7L), (message.Partition, message.Offset));
        Assert.Equal("acme", message.Extensions!["tenant"].GetString());
        Assert.Contains("\"tenant\":\"acme\"", JsonSerializer.Serialize(message, ApiJson.Default.EventView), StringComparison.Ordinal);
    }
}
