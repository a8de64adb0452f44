using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Configuration;
using Trunkline.Server.Flows.Code;

namespace Trunkline.Server.Hosting;

/// <summary>What a node is put together from.</summary>
internal sealed record NodeParts
{
    /// <summary>The project, with the settings in force.</summary>
    public required ProjectConfig Project { get; init; }

    /// <summary>Where to listen.</summary>
    public required ListenAddress Listen { get; init; }

    /// <summary>The open broker.</summary>
    public required IBroker Broker { get; init; }

    /// <summary>What the node is at the moment.</summary>
    public required Node Node { get; init; }

    /// <summary>The clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>Flows, steps and models in the host's own code.</summary>
    public HostRegistrations Registrations { get; init; } = new();

    /// <summary>What the host adds to the services.</summary>
    public IReadOnlyList<Action<IServiceCollection>> ConfigureServices { get; init; } = [];

    /// <summary>What the host adds to the web application, after the API.</summary>
    public IReadOnlyList<Action<WebApplication>> Map { get; init; } = [];
}
