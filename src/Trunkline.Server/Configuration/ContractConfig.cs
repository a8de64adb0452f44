using Trunkline.Core.Config;

namespace Trunkline.Server.Configuration;

/// <summary>A consumer of a topic outside the project, and what it reads.</summary>
/// <param name="Name">Its group.</param>
/// <param name="Fields">The fields it reads: names joined by dots, <c>*</c> for every item of a list or value of a map.</param>
/// <param name="Owner">Owner's name, or null.</param>
/// <param name="Version">Its own version, or null.</param>
/// <param name="Where">Where it is written.</param>
public sealed record ReaderConfig(string Name, IReadOnlyList<string> Fields, string? Owner, string? Version, SourceLocation Where);

/// <summary>What a project holds itself to.</summary>
public sealed record PolicyConfig
{
    /// <summary>Every topic, flow and listed reader names an owner.</summary>
    public bool Owner { get; init; }

    /// <summary>Every topic names a subject.</summary>
    public bool Subject { get; init; }

    /// <summary>Every flow names an SLO.</summary>
    public bool Slo { get; init; }

    /// <summary>A schema that breaks readers needs the approval of their owners.</summary>
    public bool Breaking { get; init; }

    /// <summary>What names of topics match as a whole; null for anything.</summary>
    public string? TopicNames { get; init; }

    /// <summary>What names of flows match as a whole; null for anything.</summary>
    public string? FlowNames { get; init; }

    /// <summary>Topics and flows all this does not hold for.</summary>
    public IReadOnlySet<string> Except { get; init; } = new HashSet<string>();
}

/// <summary>The end of a topic.</summary>
/// <param name="Sunset">The last day it is kept.</param>
/// <param name="Use">The topic that takes its place, or null.</param>
public sealed record DeprecationConfig(DateOnly Sunset, string? Use);
