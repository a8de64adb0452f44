namespace Trunkline.Server.Sight.Traces;

/// <summary>A span as it is kept: the node's own, or one another service sent. Times are nanoseconds since 1970. Immutable.</summary>
internal sealed record TraceSpan
{
    /// <summary>Id of its trace, 32 hex digits.</summary>
    public required string Trace { get; init; }

    /// <summary>Its id, 16 hex digits.</summary>
    public required string Id { get; init; }

    /// <summary>The span it is below; null for none.</summary>
    public string? Parent { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its kind.</summary>
    public SpanRole Role { get; init; } = SpanRole.Internal;

    /// <summary>When it began.</summary>
    public required long Start { get; init; }

    /// <summary>When it ended; not before it began.</summary>
    public required long End { get; init; }

    /// <summary>Whether it says that it failed.</summary>
    public bool Failed { get; init; }

    /// <summary>The service it comes from.</summary>
    public required string Service { get; init; }

    /// <summary>What is said about it, as texts.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Attributes { get; init; } = [];

    /// <summary>The spans it is linked to.</summary>
    public IReadOnlyList<SpanRef> Links { get; init; } = [];

    /// <summary>The span itself, as others refer to it.</summary>
    public SpanRef Ref => new(Trace, Id);

    /// <summary>An attribute; null if it is not there.</summary>
    public string? this[string name]
    {
        get
        {
            foreach (var (key, value) in Attributes)
            {
                if (key == name)
                {
                    return value;
                }
            }

            return null;
        }
    }
}

/// <summary>Which span.</summary>
/// <param name="Trace">Its trace.</param>
/// <param name="Id">Its id.</param>
internal readonly record struct SpanRef(string Trace, string Id);

/// <summary>The part a span plays, with the numbers OTLP gives them.</summary>
internal enum SpanRole
{
    /// <summary>Not told.</summary>
    None = 0,

    /// <summary>Work within a service.</summary>
    Internal = 1,

    /// <summary>Answers a request.</summary>
    Server = 2,

    /// <summary>Makes a request.</summary>
    Client = 3,

    /// <summary>Hands a message over.</summary>
    Producer = 4,

    /// <summary>Takes messages.</summary>
    Consumer = 5,
}
