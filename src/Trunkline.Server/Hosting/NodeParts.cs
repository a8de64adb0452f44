using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Trunkline.Server.Configuration;
using Trunkline.Server.Flows.Code;

namespace Trunkline.Server.Hosting;

/// <summary>What a node is put together from.</summary>
internal sealed record NodeParts
{
    /// <summary>The project, with the settings in force.</summary>
    public required ProjectConfig Project { get; init; }

    /// <summary>The text of the project's files by path; null for a project made in code.</summary>
    public ProjectText? Text { get; init; }

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

/// <summary>A project's files as text.</summary>
/// <param name="Main">The file to start at.</param>
/// <param name="Files">Text by path relative to the project's folder.</param>
internal sealed record ProjectText(string Main, IReadOnlyDictionary<string, string> Files);
