using Microsoft.Extensions.DependencyInjection;
using Trunkline.Server.Configuration;
using Trunkline.Server.Flows.Code;
using Trunkline.Server.Releases;

namespace Trunkline.Server.Hosting;

/// <summary>What a node is put together from.</summary>
internal sealed record NodeParts
{
    /// <summary>The project, with the settings in force.</summary>
    public required ProjectConfig Project { get; init; }

    /// <summary>The text of the project's files by path; null for a project made in code.</summary>
    public RevisionFiles? Text { get; init; }

    /// <summary>Where to listen.</summary>
    public required ListenAddress Listen { get; init; }

    /// <summary>Opens the broker.</summary>
    public required BrokerFactory OpenBroker { get; init; }

    /// <summary>The clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>Flows, steps and models in the host's own code.</summary>
    public HostRegistrations Registrations { get; init; } = new();

    /// <summary>What the host adds to the services.</summary>
    public IReadOnlyList<Action<IServiceCollection>> ConfigureServices { get; init; } = [];

    /// <summary>What the host adds to the web application, after the API.</summary>
    public IReadOnlyList<Action<WebApplication>> Map { get; init; } = [];
}
