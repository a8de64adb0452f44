using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Sight.Logs;

namespace Trunkline.Server.Hosting;

/// <summary>A started node: its web application and what runs behind it, stopped in the order that loses nothing.</summary>
internal sealed class RunningNode : IAsyncDisposable
{
    private readonly NodeParts _parts;
    private readonly Node _node;
    private NodeRuntime? _runtime;
    private readonly WebApplication _web;
    private readonly ILogger _logger;
    private bool _stopped;

    private RunningNode(NodeParts parts)
    {
        _parts = parts;
        _node = new Node(parts.Project, parts.Time);
        _web = WebComposition.Build(parts, _node, () => _runtime ?? throw new InvalidOperationException("The node has not started yet."));
        _logger = _web.Services.GetRequiredService<ILogger<RunningNode>>();
    }

    /// <summary>Where it listens, with the port bound.</summary>
    public string Url { get; private set; } = "";

    /// <summary>Where it takes telemetry over gRPC, with the port bound; empty if it does not.</summary>
    public string GrpcUrl { get; private set; } = "";

    /// <summary>Fires when the process is asked to stop.</summary>
    public CancellationToken StopAsked => _web.Lifetime.ApplicationStopping;

    /// <summary>Builds and starts the node.</summary>
    /// <exception cref="NodeStartException">Store or address do not allow it.</exception>
    public static async Task<RunningNode> StartAsync(NodeParts parts, CancellationToken cancellationToken)
    {
        if (!parts.Listen.IsFree())
        {
            // Told before the store is opened and flows begin; below it is told of who took the address since.
            throw NodeStartException.AddressInUse(parts.Listen);
        }

        var running = new RunningNode(parts);
        try
        {
            await running.StartAsync(cancellationToken);
            return running;
        }
        catch (BrokerException failure)
        {
            await running.CloseAsync();
            throw NodeStartException.Of(failure, parts.Project.Node.Data);
        }
        catch (IOException failure) when (failure.InnerException is AddressInUseException)
        {
            await running.CloseAsync();
            throw NodeStartException.AddressInUse(parts.Listen, failure);
        }
        catch
        {
            await running.CloseAsync();
            throw;
        }
    }

    /// <summary>Takes nothing new, finishes what is in hand for at most <see cref="WebComposition.DrainMax"/>, then closes the broker.</summary>
    public async Task StopAsync()
    {
        if (Interlocked.Exchange(ref _stopped, true))
        {
            return;
        }

        _node.Phase = NodePhase.Draining;
        Log.Draining(_logger, WebComposition.DrainMax.TotalSeconds);
        using var deadline = new CancellationTokenSource(WebComposition.DrainMax, _parts.Time);
        try
        {
            // Together: requests below /in wait for their flow, and flows wait for what such requests brought.
            await Task.WhenAll(_web.StopAsync(deadline.Token), _runtime!.Flows.StopAsync(WebComposition.DrainMax));
        }
        catch (OperationCanceledException)
        {
            Log.DrainCutShort(_logger);
        }

        await CloseAsync();
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        var logs = new NodeLogs(_web.Services.GetRequiredService<ILoggerFactory>(), _web.Services.GetRequiredService<LogBook>());
        _runtime = await NodeRuntime.OpenAsync(_parts, _node, logs, cancellationToken);
        _node.AddChecks(_runtime.CheckFlowsAsync);
        await _web.StartAsync(cancellationToken);
        Url = _parts.Listen.Url(Port(0));
        GrpcUrl = _parts.Project.Node.Telemetry.Grpc is { } grpc ? ListenAddress.Parse(grpc)!.Url(Port(1)) : "";
        _node.Address = new Uri(Url);
        _node.Phase = NodePhase.Ready;
        Log.Listening(_logger, Url, _runtime.Broker.Kind, _parts.Project.Node.Data);
    }

    private async Task CloseAsync()
    {
        if (_runtime is not null)
        {
            await _runtime.DisposeAsync();
        }

        await _web.DisposeAsync();
    }

    // In the order they were listened at.
    private int Port(int listener) => new Uri(_web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ElementAt(listener)).Port;
}
