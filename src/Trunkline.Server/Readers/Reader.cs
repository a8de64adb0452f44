using Trunkline.Core.Config;

namespace Trunkline.Server.Readers;

/// <summary>Who reads a topic, and what of its messages.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Kind">Flow or group.</param>
/// <param name="Name">Its name.</param>
internal sealed record Reader(string Topic, ReaderKind Kind, string Name)
{
    /// <summary>The fields it reads, as field paths; the empty path is the whole message.</summary>
    public required IReadOnlyList<string> Fields { get; init; }

    /// <summary>Owner's name; null if nobody is named.</summary>
    public string? Owner { get; init; }

    /// <summary>Its own version, such as that of the program; null if it told none.</summary>
    public string? Version { get; init; }

    /// <summary>How it is known.</summary>
    public ReaderOrigin Origin { get; init; }

    /// <summary>Topics a flow passes the whole message on to.</summary>
    public IReadOnlyList<string> PassesTo { get; init; } = [];

    /// <summary>Where it is written in the project; nowhere for one that told the node.</summary>
    public SourceLocation Where { get; init; }

    /// <summary>When it told the node; null for one of the project.</summary>
    public DateTimeOffset? DeclaredAt { get; init; }
}

/// <summary>What a reader is.</summary>
internal enum ReaderKind
{
    Flow,
    Group,
}

/// <summary>How it is known what a reader reads.</summary>
internal enum ReaderOrigin
{
    /// <summary>From a flow's expressions and templates.</summary>
    Learned,

    /// <summary>The project says so.</summary>
    Project,

    /// <summary>It told the node.</summary>
    Told,
}
