using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Trunkline.Server.Hosting;

/// <summary>A started node: its web application and its broker, stopped in the order that loses nothing.</summary>
internal sealed class RunningNode : IAsyncDisposable
{
    private readonly NodeParts _parts;
    private readonly WebApplication _web;
    private readonly ILogger _logger;
    private bool _stopped;

    private RunningNode(NodeParts parts, WebApplication web)
    {
        _parts = parts;
        _web = web;
        _logger = web.Services.GetRequiredService<ILogger<RunningNode>>();
    }

    /// <summary>Where it listens, with the port bound.</summary>
    public string Url { get; private set; } = "";

    /// <summary>The services of the web application.</summary>
    public IServiceProvider Services => _web.Services;

    /// <summary>Fires when the process is asked to stop.</summary>
    public CancellationToken StopAsked => _web.Lifetime.ApplicationStopping;

    /// <summary>Builds and starts the node.</summary>
    public static async Task<RunningNode> StartAsync(NodeParts parts, CancellationToken cancellationToken)
    {
        var running = new RunningNode(parts, WebComposition.Build(parts));
        try
        {
            await ProjectTopics.EnsureAsync(parts.Broker, parts.Project, cancellationToken);
            await running._web.StartAsync(cancellationToken);
            running.Url = parts.Listen.Url(running.Port());
            parts.Node.Phase = NodePhase.Ready;
            Log.Listening(running._logger, running.Url, parts.Broker.Kind, parts.Project.Node.Data);
            return running;
        }
        catch (IOException failure) when (failure.InnerException is AddressInUseException)
        {
            await running._web.DisposeAsync();
            throw NodeStartException.AddressInUse($"{parts.Listen.Host}:{parts.Listen.Port}", failure);
        }
        catch
        {
            await running._web.DisposeAsync();
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

        _parts.Node.Phase = NodePhase.Draining;
        Log.Draining(_logger, WebComposition.DrainMax.TotalSeconds);
        using var deadline = new CancellationTokenSource(WebComposition.DrainMax, _parts.Time);
        try
        {
            await _web.StopAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            Log.DrainCutShort(_logger);
        }

        await _parts.Broker.DisposeAsync();
        Log.Stopped(_logger);
        await _web.DisposeAsync();
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private int Port()
    {
        var addresses = _web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        return new Uri(addresses.First().Replace("[::]", "[::1]", StringComparison.Ordinal)).Port;
    }
}
