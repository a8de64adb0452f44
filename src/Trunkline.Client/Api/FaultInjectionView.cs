namespace Trunkline.Client.Api;

/// <summary>Faults injected at present.</summary>
/// <param name="Faults">In the order they were added.</param>
public sealed record FaultInjectionList(IReadOnlyList<FaultInjectionView> Faults);

/// <summary>A fault injected for a share of keys until a time; it ends with the process at the latest.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Flow">The flow.</param>
/// <param name="Step">The step, sink or model; <c>broker</c> for the flow's commits; null for all that the flow asks outside.</param>
/// <param name="Kind"><c>timeout</c>, <c>error</c>, <c>429</c>, <c>refused</c>, <c>garbage</c>, <c>slow</c> or <c>crash</c>.</param>
/// <param name="Share">The share of keys, above 0 to 1; a key is hit always or never.</param>
/// <param name="Until">When it ends.</param>
public sealed record FaultInjectionView(string Id, string Flow, string? Step, string Kind, double Share, DateTimeOffset Until)
{
    /// <summary>Calls or commits it met.</summary>
    public long Hits { get; init; }

    /// <summary>Who asked for it.</summary>
    public string By { get; init; } = "";
}

/// <summary>Asks for a fault. What has a default is settable: the generated reader of JSON gives what is only initialised its type's default instead.</summary>
public sealed record AddFaultRequest
{
    /// <summary>The flow.</summary>
    public required string Flow { get; init; }

    /// <summary>A step, sink or model of it; <c>broker</c> for its commits; null for all that it asks outside.</summary>
    public string? Step { get; init; }

    /// <summary><c>timeout</c>, <c>error</c>, <c>429</c>, <c>refused</c>, <c>garbage</c>, <c>slow</c> or <c>crash</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The share of keys, above 0 to 1. Default 1.</summary>
    public double Share { get; set; } = 1;

    /// <summary>How long, 1 to 86,400 seconds.</summary>
    public required int Seconds { get; init; }

    /// <summary>For <c>slow</c>: how much later answers come, 1 to 600,000 ms. Default 1,000.</summary>
    public int DelayMs { get; set; } = 1000;

    /// <summary>For <c>429</c>: what the answer asks to wait, 1 to 86,400 seconds; null for nothing.</summary>
    public int? RetryAfterSeconds { get; init; }
}
