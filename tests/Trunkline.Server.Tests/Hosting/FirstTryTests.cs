using System.Globalization;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Trunkline.Client.Api;
using Trunkline.Server.Tests.Flows;

namespace Trunkline.Server.Tests.Hosting;

/// <summary>What a whole node says of a message that fails, is tried again, dies, and runs again: what it waited for in the topic is what it waited for first.</summary>
public sealed partial class FirstTryTests : IAsyncLifetime
{
    private const string Project = """
        node: { broker: { kind: memory } }
        topics: { in: { partitions: 1 }, out: { partitions: 1 } }
        models: { mood: { kind: lexicon } }
        flows:
          first-try:
            from: { topic: in }
            steps: [ { infer: { model: mood, input: message.text, output: mood } } ]
            to: { topic: out }
            retry: { attempts: 2, backoff: 1ms..2ms }
        """;

    private readonly NodeFixture _node = new("first-try", Project);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _node.StartAsync();

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task The_time_between_tries_is_no_wait_in_the_topic()
    {
        // Asked for without a share: all.
        using var asked = await _node.Http.PostAsJsonAsync("/api/v1/faults", new { flow = "first-try", step = "mood", kind = "error", seconds = 600 }, Cancel);
        Assert.True(asked.IsSuccessStatusCode, await asked.Content.ReadAsStringAsync(Cancel));
        await _node.PublishAsync("in", """{"text":"good"}""");
        await Eventually.HoldsAsync(async () => (await _node.Client.ListDeadLettersAsync("first-try", 10, Cancel)).DeadLetters.Count == 1, "it is dead");
        await AssertCountedAsync(tries: 2);

        var fault = Assert.Single((await _node.Client.ListFaultsAsync(Cancel)).Faults);
        Assert.Equal((1d, "first-try"), (fault.Share, fault.Flow));
        await _node.Client.StopFaultAsync(fault.Id, Cancel);
        await _node.Client.DeadLetters.RedriveAsync("first-try", 0, 0, new RedriveRequest(), Cancel);
        await AssertCountedAsync(tries: 3);
    }

    /// <summary>So many tries, one wait. What is scraped may be of a moment ago.</summary>
    private async Task AssertCountedAsync(int tries)
    {
        await Eventually.HoldsAsync(async () => await CountAsync("trunkline_hop_duration_seconds") == tries, $"{tries} tries are counted");
        Assert.Equal(1, await CountAsync("trunkline_queue_wait_seconds"));
    }

    private async Task<int> CountAsync(string name)
    {
        var lines = (await _node.Http.GetStringAsync("/metrics", Cancel)).Split('\n').Where(line => line.StartsWith(name + "_count", StringComparison.Ordinal) && line.Contains("\"first-try\"", StringComparison.Ordinal) && line.Contains("hop=\"in\"", StringComparison.Ordinal));
        return lines.Sum(line => int.Parse(Value().Match(line).Value, CultureInfo.InvariantCulture));
    }

    [GeneratedRegex(@"\d+$")]
    private static partial Regex Value();
}
