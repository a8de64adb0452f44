namespace Trunkline.Server.Sight.CriticalPaths;

/// <summary>What a span says that a path is made of. Times are ticks of any one unit.</summary>
/// <param name="Id">Its id, unique within the flow.</param>
/// <param name="Parent">The span it is below; null, or one that is not there, for none.</param>
/// <param name="Owner">Whom its own time belongs to: a step, a model, a service's operation.</param>
/// <param name="Start">When it began.</param>
/// <param name="End">When it ended; not before it began.</param>
internal sealed record PathSpan(string Id, string? Parent, string Owner, long Start, long End)
{
    /// <summary>True if it hands messages over and does not wait for those who take them.</summary>
    public bool IsProducer { get; init; }

    /// <summary>True if it takes messages that were handed over.</summary>
    public bool IsConsumer { get; init; }

    /// <summary>The spans whose messages it takes, beside its parent.</summary>
    public IReadOnlyList<string> Links { get; init; } = [];

    /// <summary>The topic it takes them from, the owner of their wait; null for none.</summary>
    public string? Topic { get; init; }
}
