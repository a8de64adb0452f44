using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Trunkline.Server.Configuration;
using Trunkline.Server.DeadLetters;
using Trunkline.Server.Flows;
using Trunkline.Server.Releases;
using Trunkline.Server.Steps;
using Trunkline.Server.Tests.Flows;

namespace Trunkline.Server.Tests.DeadLetters;

/// <summary>A flow <c>f</c> that refuses what <see cref="Refuses"/> says, with desk and redrives, on a memory broker.</summary>
internal sealed class RedriveFixture : IAsyncDisposable
{
    private RedriveFixture(SupervisorFixture inner, FlowSupervisor flows, ChangeLog changes)
    {
        (Inner, Flows, Changes) = (inner, flows, changes);
        Desk = new DeadLetterDesk(inner.Broker, flows, changes, TimeProvider.System);
    }

    public SupervisorFixture Inner { get; }

    public FlowSupervisor Flows { get; }

    public ChangeLog Changes { get; }

    public DeadLetterDesk Desk { get; }

    /// <summary>Payloads the flow cannot process.</summary>
    public Func<string, bool> Refuses { get; set; } = _ => false;

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<RedriveFixture> StartAsync(FailurePolicy policy = FailurePolicy.ParkMessage)
    {
        var inner = new SupervisorFixture();
        RedriveFixture? fixture = null;
        inner.Steps = (_, _) => async (input, _) =>
        {
            await Task.Yield();
            return fixture!.Refuses(Encoding.UTF8.GetString(input.Stored.Message.Payload.Span)) ? FuncPipelines.Failed(FaultClass.Terminal) : FuncPipelines.Delivered(input);
        };
        var flows = inner.Start();
        fixture = new RedriveFixture(inner, flows, await ChangeLog.OpenAsync(inner.Broker, TimeProvider.System, Cancel));
        var flow = SupervisorFixture.Flow("f", SupervisorFixture.FromTopic(), SupervisorFixture.ToTopic()) with { OnFailure = policy };
        await flows.ApplyAsync(SupervisorFixture.Project(flow), 1, Cancel);
        return fixture;
    }

    public Task<RedriveJobs> OpenJobsAsync() =>
        RedriveJobs.OpenAsync(new RedriveEnvironment(Inner.Broker, Desk, Flows, Changes, TimeProvider.System) { Log = NullLogger.Instance }, Cancel);

    public async Task<List<DeadLetterRecord>> OpenAsync() => await Desk.Store.ReadAsync("f", Cancel).Where(l => l.Mark is null).ToListAsync(Cancel);

    public async Task<List<string>> OutAsync() => [.. (await Inner.ReadAsync("out")).Select(m => Encoding.UTF8.GetString(m.Message.Payload.Span))];

    public async Task<List<Change>> ChangesAsync() => [.. (await Changes.ReadAsync(1000, null, Cancel)).Changes];

    public async Task DeadAsync(int count) => await Eventually.HoldsAsync(async () => (await OpenAsync()).Count == count, $"{count} dead letters are open");

    public static async Task EndedAsync(RedriveJobs jobs, string id) =>
        await Eventually.HoldsAsync(() => jobs.Find(id)!.State != RedriveJobState.Running, "the redrive ended", 60);

    public async Task PublishManyAsync(int count, int keys)
    {
        foreach (var chunk in Enumerable.Range(0, count).Chunk(1000))
        {
            await Inner.PublishAsync("in", chunk.Select(i => $"k{i % keys}:{i / keys}"));
        }
    }

    public ValueTask DisposeAsync() => Inner.DisposeAsync();
}
