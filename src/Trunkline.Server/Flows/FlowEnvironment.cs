using Microsoft.Extensions.Logging;
using Trunkline.Core.Security;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Connectors;
using Trunkline.Server.Connectors.Files;
using Trunkline.Server.Connectors.Hooks;
using Trunkline.Server.Connectors.Http;
using Trunkline.Server.Effects;
using Trunkline.Server.Schemas.Contracts;

namespace Trunkline.Server.Flows;

/// <summary>What flows run in: the node's broker, clock, log and doors. One per node.</summary>
internal sealed record FlowEnvironment
{
    public required IBroker Broker { get; init; }

    public required TimeProvider Time { get; init; }

    public required ILoggerFactory Logs { get; init; }

    /// <summary>The door outside.</summary>
    public required EffectPort Effects { get; init; }

    /// <summary>The client of sinks; its handler comes from <see cref="Addresses"/>, its calls bring their own bounds.</summary>
    public required HttpClient Http { get; init; }

    /// <summary>Where connections that are not HTTP may go.</summary>
    public OutgoingAddressPolicy Addresses { get; init; } = new();

    /// <summary>Where <c>POST /in/…</c> finds the flows.</summary>
    public required HttpIntakes Intakes { get; init; }

    /// <summary>Where <c>POST /hooks/…</c> finds the flows.</summary>
    public HookDoors Hooks { get; init; } = new();

    /// <summary>Where WebSockets below <c>/in</c> find the flows.</summary>
    public SocketDoors Sockets { get; init; } = new();

    /// <summary>The files sinks write to.</summary>
    public FileTargets Files { get; init; } = new(TimeProvider.System);

    /// <summary>Sources and sinks of the host. Default: none.</summary>
    public HostConnectors Connectors { get; init; } = HostConnectors.None;

    /// <summary>Builds the pipelines of a revision.</summary>
    public required PipelineBuilder Pipelines { get; init; }

    /// <summary>Judges messages of topics that name a subject; null lets all pass.</summary>
    public ContractCheck? Contracts { get; init; }

    public FlowLimits Limits { get; init; } = new();

    /// <summary>Source of jitter, 0 ≤ x &lt; 1; thread-safe.</summary>
    public required Func<double> Jitter { get; init; }
}
