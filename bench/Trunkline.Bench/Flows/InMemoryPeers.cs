using System.Diagnostics;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Rebus.Activation;
using Rebus.Config;
using Rebus.Handlers;
using Rebus.Routing.TypeBased;
using Rebus.Transport.InMem;
using Trunkline.Bench.Logs;
using Wolverine;

namespace Trunkline.Bench.Flows;

/// <summary>A message on its way into a peer.</summary>
public sealed record Incoming(byte[] Payload);

/// <summary>A message a peer's handler made.</summary>
public sealed record Outgoing(byte[] Payload);

/// <summary>Counts what is done; the run ends when all is. One run at a time.</summary>
public static class PeerCount
{
    private static TaskCompletionSource s_done = new();
    private static int s_left;

    /// <summary>Begins a run of so many messages.</summary>
    public static Task Begin(int count)
    {
        s_done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref s_left, count);
        return s_done.Task;
    }

    /// <summary>One message is through: filtered, or handled at its end.</summary>
    public static void Done()
    {
        if (Interlocked.Decrement(ref s_left) == 0)
        {
            s_done.TrySetResult();
        }
    }
}

/// <summary>Found by Wolverine by its name; the answer cascades to the next local queue.</summary>
public static class IncomingHandler
{
    public static Outgoing? Handle(Incoming message)
    {
        ArgumentNullException.ThrowIfNull(message);
        var body = FlowLoad.Handle(message.Payload);
        if (body is null)
        {
            PeerCount.Done();
            return null;
        }

        return new Outgoing(body);
    }
}

/// <summary>Found by Wolverine by its name: where the flow ends.</summary>
public static class OutgoingHandler
{
    public static void Handle(Outgoing message) => PeerCount.Done();
}

/// <summary>For MassTransit.</summary>
public sealed class IncomingConsumer : IConsumer<Incoming>
{
    public Task Consume(ConsumeContext<Incoming> context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (FlowLoad.Handle(context.Message.Payload) is { } body)
        {
            return context.Publish(new Outgoing(body));
        }

        PeerCount.Done();
        return Task.CompletedTask;
    }
}

/// <summary>For MassTransit: where the flow ends.</summary>
public sealed class OutgoingConsumer : IConsumer<Outgoing>
{
    public Task Consume(ConsumeContext<Outgoing> context)
    {
        PeerCount.Done();
        return Task.CompletedTask;
    }
}

/// <summary>
/// The same handler on in-memory buses, with their own parallelism. None of them keeps a message over a crash, commits anything,
/// or keeps the order of a key here.
/// </summary>
internal static class InMemoryPeers
{
    public static async Task<Outcome> WolverineAsync(int count)
    {
        using var host = await Host.CreateDefaultBuilder()
            .ConfigureLogging(logging => logging.ClearProviders())
            .UseWolverine(options => options.Discovery.DisableConventionalDiscovery().IncludeType(typeof(IncomingHandler)).IncludeType(typeof(OutgoingHandler)))
            .StartAsync();
        var bus = host.Services.GetRequiredService<IMessageBus>();
        var outcome = await MeasureAsync(count, message => bus.PublishAsync(message).AsTask());
        await host.StopAsync();
        return outcome;
    }

    public static async Task<Outcome> RebusAsync(int count)
    {
        using var activator = new BuiltinHandlerActivator();
        activator.Register((bus, _) => new RebusIncoming(bus));
        activator.Register(() => new RebusOutgoing());
        var network = new InMemNetwork();
        using var started = Configure.With(activator)
            .Logging(l => l.None())
            .Transport(t => t.UseInMemoryTransport(network, "flow"))
            .Routing(r => r.TypeBased().Map<Incoming>("flow").Map<Outgoing>("flow"))
            .Options(o =>
            {
                o.SetNumberOfWorkers(Environment.ProcessorCount);
                o.SetMaxParallelism(50);
            })
            .Start();
        return await MeasureAsync(count, message => started.Send(message));
    }

    public static async Task<Outcome> MassTransitAsync(int count)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddMassTransit(bus =>
        {
            bus.AddConsumer<IncomingConsumer>();
            bus.AddConsumer<OutgoingConsumer>();
            bus.UsingInMemory((context, configure) => configure.ConfigureEndpoints(context));
        });
        await using var provider = services.BuildServiceProvider();
        var control = provider.GetRequiredService<IBusControl>();
        await control.StartAsync();
        var outcome = await MeasureAsync(count, message => control.Publish(message));
        await control.StopAsync();
        return outcome;
    }

    /// <summary>Everything is published at once, and done when the last message is through.</summary>
    private static async Task<Outcome> MeasureAsync(int count, Func<Incoming, Task> publish)
    {
        var messages = new Incoming[count];
        for (var i = 0; i < count; i++)
        {
            messages[i] = new Incoming(FlowLoad.Payload(i));
        }

        // What is made once (code, pipelines) is made before the clock starts.
        var warm = PeerCount.Begin(100);
        for (var i = 0; i < 100; i++)
        {
            await publish(messages[i]);
        }

        await warm.WaitAsync(TimeSpan.FromMinutes(1));
        var done = PeerCount.Begin(count);
        FlowHarness.Settle();
        var cpu = Environment.CpuUsage.TotalTime;
        var started = Stopwatch.GetTimestamp();
        foreach (var message in messages)
        {
            await publish(message);
        }

        await done.WaitAsync(TimeSpan.FromMinutes(10));
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return new Outcome(count / seconds, 0, 0, count, (Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / count);
    }

    private sealed class RebusIncoming(Rebus.Bus.IBus bus) : IHandleMessages<Incoming>
    {
        public Task Handle(Incoming message)
        {
            if (FlowLoad.Handle(message.Payload) is { } body)
            {
                return bus.Send(new Outgoing(body));
            }

            PeerCount.Done();
            return Task.CompletedTask;
        }
    }

    private sealed class RebusOutgoing : IHandleMessages<Outgoing>
    {
        public Task Handle(Outgoing message)
        {
            PeerCount.Done();
            return Task.CompletedTask;
        }
    }
}
