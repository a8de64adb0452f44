using Microsoft.Extensions.Logging;
using Trunkline.Messaging.Topics;
using Trunkline.Server;
using Trunkline.Server.Configuration;

namespace Trunkline.Testing.Nodes;

/// <summary>How an in-process node is started.</summary>
public sealed record InProcessNodeOptions
{
    /// <summary>The project. Default: empty. Listen address, data folder and broker are set by the node.</summary>
    public ProjectConfig Project { get; init; } = new();

    /// <summary>Topics added to the project's.</summary>
    public IReadOnlyList<TopicSettings> Topics { get; init; } = [];

    /// <summary>Broker kind. Default <c>memory</c>.</summary>
    public string Broker { get; init; } = "memory";

    /// <summary>Data folder, kept after the test; null for a temporary one, removed after it.</summary>
    public string? Data { get; init; }

    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where log lines go; null drops them.</summary>
    public ILoggerProvider? Logs { get; init; }

    /// <summary>Bytes of traces it keeps. Default: none.</summary>
    public long TraceBytes { get; init; }

    /// <summary>Adds flows, brokers, pages.</summary>
    public Action<TrunklineApp>? Configure { get; init; }
}
