using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Configuration;
using Trunkline.Server.Connectors.Http;
using Trunkline.Server.Effects;
using Trunkline.Server.Flows;
using Trunkline.Server.Schemas.Contracts;
using Trunkline.Server.Steps;
using Outcome = Trunkline.Bench.Logs.Outcome;

namespace Trunkline.Bench.Flows;

/// <summary>What benches that run whole flows share: the flows of a node without its API, and a clock.</summary>
internal static class FlowHarness
{
    /// <summary>Flows on a broker, with pipelines made here. The HTTP client stays the caller's.</summary>
    public static FlowSupervisor Flows(IBroker broker, HttpClient http, Func<FlowConfig, IPipelineFactory> pipelines, ContractCheck? contracts = null) => new(new FlowEnvironment
    {
        Broker = broker,
        Time = TimeProvider.System,
        Logs = NullLoggerFactory.Instance,
        Effects = new EffectPort(),
        Http = http,
        Intakes = new HttpIntakes(),
        Jitter = () => 0,
        Contracts = contracts,
        Pipelines = (project, _, _) => new(new RevisionPipelines(project.Flows.Values.ToDictionary(f => f.Name, pipelines), new Nothing())),
    });

    /// <summary>What lies ready is old to the collector before the clock starts, so that no side pays for what its load was made of.</summary>
    public static void Settle() => GC.Collect();

    /// <summary>Rate and processor time of work on so many messages.</summary>
    public static async Task<Outcome> TimeAsync(int count, Func<Task> work)
    {
        var cpu = Environment.CpuUsage.TotalTime;
        var started = Stopwatch.GetTimestamp();
        await work();
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return new Outcome(count / seconds, 0, 0, count, (Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / count);
    }

    /// <summary>Looks every few milliseconds until it holds.</summary>
    public static async Task UntilAsync(Func<Task<bool>> holds)
    {
        while (!await holds())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System);
        }
    }

    private sealed class Nothing : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
