using System.Net.Http.Json;
using Trunkline.Client.Api;

namespace Trunkline.Server.Tests.Hosting;

/// <summary>A parked key, seen and released over HTTP.</summary>
public sealed class ParkedKeyTests : IAsyncLifetime
{
    private const string Project = """
        node: { broker: { kind: memory } }
        topics: { in: { partitions: 1 }, out: { partitions: 1 } }
        flows:
          careful:
            from: { topic: in }
            steps: [ { parse: json }, { filter: message.a.b } ]
            to: { topic: out }
            onFailure: park-key
        """;

    private readonly NodeFixture _node = new("parked", Project);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _node.StartAsync();

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task What_waits_behind_a_failed_message_is_listed_and_runs_in_order_when_released()
    {
        await PublishAsync("""{"n":0}""");
        await PublishAsync("""{"n":1,"a":{"b":true}}""");
        await PublishAsync("""{"n":2,"a":{"b":true}}""");
        var parked = await ParkedAsync(3);
        Assert.Equal("k", parked.Key);

        var again = await ReleaseAsync(new ReleaseKeyRequest(parked.KeyBase64!));
        Assert.Equal("FailedAgain", again.Outcome);

        var released = await ReleaseAsync(new ReleaseKeyRequest(parked.KeyBase64!, SkipFailed: true));
        Assert.Equal("Released", released.Outcome);
        var text = await _node.Http.GetStringAsync("/api/v1/topics/out/messages", Cancel);
        Assert.InRange(text.IndexOf("\"n\":1", StringComparison.Ordinal), 0, text.IndexOf("\"n\":2", StringComparison.Ordinal));
        Assert.Empty((await ListAsync()).Keys);
        Assert.Contains("release-key", await _node.Http.GetStringAsync("/api/v1/changes", Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_is_not_parked_is_told_so_and_broken_Base64_is_refused()
    {
        Assert.Equal("NotParked", (await ReleaseAsync(new ReleaseKeyRequest("aGVsbG8="))).Outcome);
        using var answer = await _node.Http.PostAsJsonAsync("/api/v1/flows/careful/parked/release", new ReleaseKeyRequest("!"), Cancel);
        Assert.Equal(400, (int)answer.StatusCode);
    }

    private Task PublishAsync(string json) => _node.PublishAsync("in", json, "k");

    private async Task<ParkedKeyView> ParkedAsync(int waiting)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        bound.CancelAfter(TimeSpan.FromSeconds(30));
        while (true)
        {
            if ((await ListAsync()).Keys is [{ } key] && key.Waiting == waiting)
            {
                return key;
            }

            bound.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private async Task<ParkedKeyList> ListAsync() => (await _node.Http.GetFromJsonAsync<ParkedKeyList>("/api/v1/flows/careful/parked", Cancel))!;

    private async Task<ReleaseKeyResult> ReleaseAsync(ReleaseKeyRequest request)
    {
        using var answer = await _node.Http.PostAsJsonAsync("/api/v1/flows/careful/parked/release", request, Cancel);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<ReleaseKeyResult>(Cancel))!;
    }
}
