using Microsoft.Extensions.DependencyInjection;
using Trunkline.Core.Errors;
using Trunkline.Models;
using Trunkline.Server.Configuration;
using Trunkline.Server.Connectors;
using Trunkline.Server.Flows.Code;
using Trunkline.Server.Hosting;
using Trunkline.Server.Steps;

namespace Trunkline.Server;

/// <summary>
/// A Trunkline node in a host of one's own. Configure it, then run it once. Not thread-safe until it runs.
/// <code>
/// var app = TrunklineApp.Create(args);
/// return await app.RunAsync();
/// </code>
/// Flags beat environment beat file: <c>-f</c>/<c>TRUNKLINE_CONFIG</c>, <c>--listen</c>/<c>TRUNKLINE_LISTEN</c>,
/// <c>--data</c>/<c>TRUNKLINE_DATA</c>; <c>--json</c> prints one line of JSON when the node is ready.
/// </summary>
public sealed class TrunklineApp : IAsyncDisposable
{
    private readonly NodeArguments _arguments;
    private readonly BrokerKinds _brokers = new();
    private readonly List<Action<IServiceCollection>> _services = [];
    private readonly List<Action<WebApplication>> _map = [];
    private readonly HostRegistrations _registrations = new();
    private ProjectConfig? _project;
    private TimeProvider _time = TimeProvider.System;
    private RunningNode? _running;

    private TrunklineApp(NodeArguments arguments) => _arguments = arguments;

    /// <summary>The address the node is reached at, with the port really bound; empty before it started.</summary>
    public string Url => _running?.Url ?? "";

    /// <summary>The address telemetry of other services is taken at over gRPC, with the port really bound; empty before it started, and if there is none.</summary>
    public string GrpcUrl => _running?.GrpcUrl ?? "";

    /// <summary>A node with these command line arguments. Wrong ones are told when it starts.</summary>
    public static TrunklineApp Create(params string[] args)
    {
        ArgumentNullException.ThrowIfNull(args);
        return new TrunklineApp(NodeArguments.Parse(args, Environment.GetEnvironmentVariable));
    }

    /// <summary>Runs this project instead of a file. Flags and environment still beat its node settings.</summary>
    public TrunklineApp UseProject(ProjectConfig project)
    {
        ArgumentNullException.ThrowIfNull(project);
        _project = project;
        return this;
    }

    /// <summary>Adds a broker kind, or replaces one. Known from the start: <c>embedded</c>, <c>memory</c>.</summary>
    public TrunklineApp AddBroker(string kind, BrokerFactory factory)
    {
        ArgumentException.ThrowIfNullOrEmpty(kind);
        ArgumentNullException.ThrowIfNull(factory);
        _brokers.Set(kind, factory);
        return this;
    }

    /// <summary>Adds a flow written in C#.</summary>
    /// <typeparam name="TFlow">The flow's class.</typeparam>
    /// <exception cref="ArgumentException">There is a flow of that name already.</exception>
    public TrunklineApp AddFlow<TFlow>()
        where TFlow : Flow, new() => AddFlow(new TFlow());

    /// <summary>Adds a flow written in C# that was made elsewhere, such as with dependencies.</summary>
    /// <exception cref="ArgumentException">There is a flow of that name already.</exception>
    public TrunklineApp AddFlow(Flow flow)
    {
        ArgumentNullException.ThrowIfNull(flow);
        _registrations.Add(flow);
        return this;
    }

    /// <summary>Adds a step that flows of the project file name by <c>use: name</c>.</summary>
    /// <exception cref="ArgumentException">There is a step of that name already.</exception>
    public TrunklineApp AddStep(string name, CustomStep step)
    {
        ArgumentNullException.ThrowIfNull(step);
        _registrations.Add(name, step);
        return this;
    }

    /// <summary>Adds a model that the project names by <c>kind: use</c>. It stays the host's, who disposes it after the node.</summary>
    /// <exception cref="ArgumentException">There is a model of that name already.</exception>
    public TrunklineApp AddModel(string name, IModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        _registrations.Add(name, model);
        return this;
    }

    /// <summary>Adds a source that flows of the project file name by <c>from: { use: name }</c>. It stays the host's, who disposes it after the node.</summary>
    /// <exception cref="ArgumentException">There is a source of that name already.</exception>
    public TrunklineApp AddSource(string name, ISourceConnector source)
    {
        ArgumentNullException.ThrowIfNull(source);
        _registrations.Add(name, source);
        return this;
    }

    /// <summary>Adds a sink that flows of the project file name by <c>to: { use: name }</c>. It stays the host's, who disposes it after the node.</summary>
    /// <exception cref="ArgumentException">There is a sink of that name already.</exception>
    public TrunklineApp AddSink(string name, ISinkConnector sink)
    {
        ArgumentNullException.ThrowIfNull(sink);
        _registrations.Add(name, sink);
        return this;
    }

    /// <summary>Uses another clock, for tests.</summary>
    public TrunklineApp UseTime(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        _time = time;
        return this;
    }

    /// <summary>Adds to the services of the web application, after Trunkline's own.</summary>
    public TrunklineApp ConfigureServices(Action<IServiceCollection> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        _services.Add(configure);
        return this;
    }

    /// <summary>Adds pages or endpoints to the node. They stand behind the same rules of Host, origin and token; writes need scope <c>admin</c>.</summary>
    public TrunklineApp Map(Action<WebApplication> map)
    {
        ArgumentNullException.ThrowIfNull(map);
        _map.Add(map);
        return this;
    }

    /// <summary>Starts the node; returns once it serves.</summary>
    /// <exception cref="NodeStartException">Configuration, store or address do not allow it.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        var (project, text) = ProjectLoading.Load(_arguments, _project, _brokers, _registrations);
        _running = await RunningNode.StartAsync(
            new NodeParts
            {
                Project = project,
                Text = text,
                Listen = ListenAddress.Parse(project.Node.Listen)!,
                OpenBroker = _brokers.Find(project.Node.Broker)!,
                Time = _time,
                Registrations = _registrations,
                ConfigureServices = _services,
                Map = _map,
            },
            cancellationToken);
    }

    /// <summary>Stops the node: takes nothing new and finishes what is in hand, for at most 30 s. Harmless if it does not run.</summary>
    public Task StopAsync() => _running?.StopAsync() ?? Task.CompletedTask;

    /// <summary>Starts the node, runs until the process is told to stop (SIGTERM, SIGINT) or the token fires, and stops it.</summary>
    /// <returns>The exit code: 0 stopped as asked, also before it was ready, 2 configuration, 4 refused, 70 an error inside.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken = default)
    {
        var terminal = Terminal.OfProcess(_arguments.Json);
        try
        {
            await StartAsync(cancellationToken);
            terminal.Ready(Url);
            var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var byToken = cancellationToken.Register(() => asked.TrySetResult());
            await using var bySignal = _running!.StopAsked.Register(() => asked.TrySetResult());
            await asked.Task;
            await StopAsync();
            return ExitCode.Done;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Told to stop before it was ready.
            return ExitCode.Done;
        }
        catch (NodeStartException failure) when (failure.Faults.Count > 0)
        {
            terminal.Faults(failure.Faults);
            return failure.Exit;
        }
        catch (NodeStartException failure)
        {
            terminal.Failed(failure.Code, failure.Message, failure.Remedy);
            return failure.Exit;
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            // The outermost boundary: whatever nobody foresaw ends the process with its own exit code.
            terminal.Failed(ErrorCodes.NodeFailed, failure.ToString(), ErrorCatalog.Get(ErrorCodes.NodeFailed).Remedy);
            return ExitCode.Internal;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopAsync();
}
