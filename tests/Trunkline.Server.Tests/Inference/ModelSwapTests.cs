using System.Collections.Concurrent;
using Trunkline.Core.Limits;
using Trunkline.Core.Security;
using Trunkline.Models;
using Trunkline.Server.Configuration;
using Trunkline.Server.Inference;
using Trunkline.Server.Steps;
using Trunkline.Server.Tests.Steps;

namespace Trunkline.Server.Tests.Inference;

/// <summary>A version of a model takes over from another while messages are on their way.</summary>
public sealed class ModelSwapTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task After_the_switch_no_call_reaches_the_withdrawn_version_and_none_fails()
    {
        var switched = false;
        var after = 0;
        var old = new VersionedModel("old", () => after += Volatile.Read(ref switched) ? 1 : 0);
        var fresh = new VersionedModel("new", () => { });
        await using var catalog = Catalog(old, fresh);
        await using var before = catalog.Lease(Project("old"));
        await using var next = catalog.Lease(Project("new"));
        var flow = Pipelines.Flow(before);
        var results = new ConcurrentBag<PipelineResult>();
        using var begun = new SemaphoreSlim(0);
        var load = Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
        {
            for (var i = 0; i < 300; i++)
            {
                results.Add(await flow.RunAsync(Pipelines.Json("""{"text":"a"}""", $"{worker}-{i}")));
                begun.Release();
            }
        })));
        for (var i = 0; i < 200; i++)
        {
            await begun.WaitAsync(Cancel);
        }

        before.HandOver(next);

        Volatile.Write(ref switched, true);
        await load;
        Assert.Equal(0, after);
        Assert.All(results, r => Assert.IsType<PipelineResult.Delivered>(r));
        var versions = results.Select(r => ((PipelineResult.Delivered)r).Outputs[0].Message.Headers.Text("tl-models")).ToHashSet();
        Assert.Equal(["model=new", "model=old"], versions.Order());
    }

    [Fact]
    public async Task What_waits_for_a_withdrawn_version_is_put_to_the_next()
    {
        var hold = new TaskCompletionSource();
        var old = new VersionedModel("old", () => { }) { Hold = hold.Task };
        await using var catalog = Catalog(old, new VersionedModel("new", () => { }));
        await using var before = catalog.Lease(Project("old"));
        await using var next = catalog.Lease(Project("new"));
        var flow = Pipelines.Flow(before);
        var runs = Enumerable.Range(0, 5).Select(i => flow.RunAsync(Pipelines.Json("""{"text":"a"}""", $"m-{i}"))).ToArray();
        before.HandOver(next);

        // Two were running; the other three do not wait for them.
        var through = await Task.WhenAll(runs[2..]).WaitAsync(TimeSpan.FromSeconds(30), Cancel);
        Assert.All(through, r => Assert.Equal("model=new", ((PipelineResult.Delivered)r).Outputs[0].Message.Headers.Text("tl-models")));
        hold.SetResult();
        Assert.All(await Task.WhenAll(runs[..2]), r => Assert.Equal("model=old", ((PipelineResult.Delivered)r).Outputs[0].Message.Headers.Text("tl-models")));
    }

    private static ModelCatalog Catalog(params VersionedModel[] models) =>
        new(new OutgoingAddressPolicy(), models.ToDictionary(m => m.Version, IModel (m) => m), TimeProvider.System);

    private static ProjectConfig Project(string version) => new()
    {
        Models = new Dictionary<string, ModelConfig>
        {
            ["model"] = new()
            {
                Name = "model",
                Kind = "use",
                Model = version,
                Limits = new ModelLimitsConfig { Concurrency = new ConcurrencySettings { Min = 2, Max = 2 } },
            },
        },
    };

    private sealed class VersionedModel(string version, Action called) : IModel
    {
        public Task Hold { get; init; } = Task.CompletedTask;

        public string Kind => "versioned";

        public string Version => version;

        public async ValueTask<ModelAnswer> InferAsync(ModelRequest request, CancellationToken cancellationToken)
        {
            called();
            await Hold.WaitAsync(cancellationToken);
            await Task.Yield();
            return new ModelAnswer("1"u8.ToArray());
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
