using Trunkline.Client;

namespace Trunkline.Server.Tests.Sight.CriticalPaths;

/// <summary>Critical paths of a running flow: what bounds it, and what is asked wrongly.</summary>
public sealed class LivePathTests : IAsyncLifetime
{
    private readonly PathStand _stand = new();

    public ValueTask InitializeAsync() => _stand.StartAsync();

    public ValueTask DisposeAsync() => _stand.DisposeAsync();

    [Fact]
    public async Task The_model_and_the_wait_for_it_bound_the_flow_and_the_path_is_the_whole_way()
    {
        await _stand.RunAsync("narrow", 1, 3);
        var path = await _stand.PathAsync("narrow", 3, []);
        Assert.True(path.Sampled);
        foreach (var example in path.Examples)
        {
            Assert.Equal(example.LengthMs, example.Sections.Sum(s => s.LengthMs), 0.01);
            Assert.Contains(example.Sections, s => s.Owner == "publish");
        }

        // The last of three waits for two.
        Assert.Contains(path.Examples[1].Sections, s => s.Owner == "topic.narrow" && s.Kind == "queue" && s.LengthMs > 150);
        Assert.Contains(path.Shares, s => s.Owner == $"model.{_stand.Name}-reply" && s.Kind == "work");
        Assert.Equal(1, path.Shares.Sum(s => s.P50Share), 4);
        Assert.Equal(1, path.Shares.Sum(s => s.P99Share), 4);
    }

    [Fact]
    public async Task What_cannot_be_answered_is_told()
    {
        Assert.Equal("path.no-traces", (await Assert.ThrowsAsync<TrunklineException>(() => _stand.AskAsync("wide", [], 1))).Code);
        await _stand.RunAsync("wide", 1, 1);
        await _stand.PathAsync("wide", 1, []);
        foreach (var wrong in new[] { "model", "=1", "model.x=-1", "model.x=nan", "model.x=1e9", "model.x=0.5" })
        {
            Assert.Equal("request.parameter-invalid", (await Assert.ThrowsAsync<TrunklineException>(() => _stand.AskAsync("wide", [wrong], 1))).Code);
        }

        Assert.Equal("flow.not-found", (await Assert.ThrowsAsync<TrunklineException>(() => _stand.Client.Traces.PathAsync("nobody", [], 1, TestContext.Current.CancellationToken))).Code);
    }
}
