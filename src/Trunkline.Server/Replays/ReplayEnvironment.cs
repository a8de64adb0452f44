using Microsoft.Extensions.Logging;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Configuration;
using Trunkline.Server.Flows.Code;
using Trunkline.Server.Inference;

namespace Trunkline.Server.Replays;

/// <summary>What replays need of the node.</summary>
internal sealed record ReplayEnvironment
{
    public required IBroker Broker { get; init; }

    public required ModelCatalog Models { get; init; }

    public required HostRegistrations Host { get; init; }

    public required TimeProvider Time { get; init; }

    public required ILogger Log { get; init; }

    /// <summary>The project of a revision; null if it is not known or cannot be read.</summary>
    public required Func<int, CancellationToken, Task<ProjectConfig?>> Project { get; init; }
}
