namespace Trunkline.Server.Flows;

/// <summary>Names of what a flow brings with it. Frozen: topics and groups of these names hold users' messages and positions.</summary>
internal static class FlowNames
{
    /// <summary>How topics of parked messages begin.</summary>
    public const string ParkedPrefix = "trunkline.parked.";

    /// <summary>How topics of messages parked at a sink begin.</summary>
    public const string ParkedAtSinkPrefix = "trunkline.parked-sink.";

    /// <summary>True for a topic of parked messages.</summary>
    public static bool IsParked(string topic) =>
        topic.StartsWith(ParkedPrefix, StringComparison.Ordinal) || topic.StartsWith(ParkedAtSinkPrefix, StringComparison.Ordinal);

    /// <summary>How topics of recorded effects begin.</summary>
    public const string EffectPrefix = "trunkline.effects.";

    private const string OutboxPrefix = "trunkline.outbox.";

    /// <summary>Where the dead letters of a flow and of its sinks go.</summary>
    public static string Dead(string flow) => flow + ".dead";

    /// <summary>The store of what was done with a flow's dead letters.</summary>
    public static string DeadStore(string flow) => "dead." + flow;

    /// <summary>Where messages of parked keys wait.</summary>
    public static string Parked(string flow) => ParkedPrefix + flow;

    /// <summary>Where messages wait that a sink is to be tried with later.</summary>
    public static string ParkedAtSink(string flow, string sink) => $"{ParkedAtSinkPrefix}{flow}.{sink}";

    /// <summary>The group whose positions tell what of a parked topic may go.</summary>
    public const string ParkedGroup = "trunkline.parked";

    /// <summary>The store of a flow's own state.</summary>
    public static string FlowStore(string flow) => "flow." + flow;

    /// <summary>Where the effects a flow had answered are recorded.</summary>
    public static string Effects(string flow) => EffectPrefix + flow;

    /// <summary>True for the topic of a flow's recorded effects.</summary>
    public static bool IsEffects(string topic) => topic.StartsWith(EffectPrefix, StringComparison.Ordinal);

    /// <summary>Where messages wait for a sink that is no topic.</summary>
    public static string Outbox(string flow, string sink) => $"{OutboxPrefix}{flow}.{sink}";

    /// <summary>True for the topic of an outbox.</summary>
    public static bool IsOutbox(string topic) => topic.StartsWith(OutboxPrefix, StringComparison.Ordinal);

    /// <summary>Where a replay keeps outputs aside.</summary>
    public static string Replay(string flow) => $"{flow}.replay";

    /// <summary>The group whose positions are that sink's cursor.</summary>
    public static string SinkGroup(string flow, string sink) => $"sink.{flow}.{sink}";

    /// <summary>The store of a source that keeps its own cursor.</summary>
    public static string SourceStore(string flow) => "source." + flow;
}
