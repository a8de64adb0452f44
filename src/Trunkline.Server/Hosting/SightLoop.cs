using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Trunkline.Client.Api;
using Trunkline.Server.Sight.Alerts;
using Trunkline.Server.Sight.Figures;
using Trunkline.Server.Sight.Map;
using Trunkline.Server.Sight.Map.Neighbours;
using Trunkline.Server.Sight.Slos;

namespace Trunkline.Server.Hosting;

/// <summary>What the node's sight does every few seconds.</summary>
/// <param name="Slos">Counts what flows promise.</param>
/// <param name="Desk">Keeps alerts.</param>
/// <param name="Watch">Says what is wrong.</param>
/// <param name="Senders">Tell receivers.</param>
/// <param name="Maps">What is kept of the map.</param>
internal sealed record SightParts(SloBook Slos, AlertDesk Desk, AlertWatch Watch, AlertSenders Senders, MapParts Maps);

/// <summary>What is kept of the map.</summary>
/// <param name="History">Keeps figures of hops.</param>
/// <param name="Sampler">Looks at how its nodes stand.</param>
/// <param name="Reader">Reads it.</param>
/// <param name="Services">Knows services around.</param>
internal sealed record MapParts(HopHistory History, MapSampler Sampler, MapReader Reader, SeenServices Services);

/// <summary>Counts what flows promise and looks for what is wrong, every few seconds; tells whom it concerns; keeps what was counted when the node stops.</summary>
internal sealed class SightLoop(SightParts sight, Node node, TimeProvider time, ILogger<SightLoop> logger) : BackgroundService
{
    private readonly Repeated _turns = new(

        // What is to be counted and told is there still when the broker takes something again; health shows one that goes on failing.
        TimeSpan.FromSeconds(5), time, failure => Log.SightFailed(logger, failure.Code, failure));

    private readonly Notifier _notifier = new(sight.Desk, sight.Senders, time, logger);
    private MapView? _map;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>

        // Apart: a receiver that does not answer must not keep the node from counting.
        Task.WhenAll(_turns.RunAsync(SeeAsync, atOnce: true, stoppingToken), _turns.RunAsync(TellAsync, atOnce: true, stoppingToken));

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await _turns.TryAsync(token => sight.Slos.CloseAsync(node.Project, token), cancellationToken);
        await _turns.TryAsync(KeepServicesAsync, cancellationToken);
        await _turns.TryAsync(sight.Maps.History.CloseAsync, cancellationToken);
    }

    private async Task SeeAsync(CancellationToken cancellationToken)
    {
        // Apart: that nothing can be kept is itself to be told.
        await _turns.TryAsync(CountAsync, cancellationToken);
        if (node.Phase == NodePhase.Ready)
        {
            await sight.Desk.SeeAsync(await sight.Watch.LookAsync(node.Project, cancellationToken), cancellationToken);
        }
    }

    private async Task CountAsync(CancellationToken cancellationToken)
    {
        if (sight.Maps.Sampler.IsDue && node.Phase == NodePhase.Ready)
        {
            _map = await sight.Maps.Reader.NowAsync(node.Project, cancellationToken);
            sight.Maps.Sampler.Take(_map);
            await sight.Maps.Services.KeepAsync(_map, sight.Maps.History, isLast: false, cancellationToken);
        }

        await sight.Maps.History.KeepAsync(cancellationToken);
        await sight.Slos.CatchUpAsync(node.Project, cancellationToken);
    }

    private async Task KeepServicesAsync(CancellationToken cancellationToken) =>
        await sight.Maps.Services.KeepAsync(_map ?? await sight.Maps.Reader.NowAsync(node.Project, cancellationToken), sight.Maps.History, isLast: true, cancellationToken);

    private async Task TellAsync(CancellationToken cancellationToken)
    {
        if (node.Phase == NodePhase.Ready)
        {
            await _notifier.TellAsync(node.Project, node.Project.Alerts.Link ?? node.Address, cancellationToken);
        }
    }
}
