namespace Trunkline.Client.Api;

/// <summary>How the node does.</summary>
/// <param name="Status"><c>ready</c>, <c>starting</c>, <c>draining</c>, <c>degraded</c> (it can be read, and takes nothing) or <c>unhealthy</c>; <c>live</c> for the liveness probe.</param>
/// <param name="Version">Trunkline's version.</param>
/// <param name="Checks">What was looked at; empty for the liveness probe.</param>
public sealed record HealthView(string Status, string Version, IReadOnlyList<HealthCheckView> Checks);

/// <summary>One thing looked at.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Ok">Whether it is well.</param>
/// <param name="Detail">Why not, or null.</param>
public sealed record HealthCheckView(string Name, bool Ok, string? Detail);

/// <summary>What the node is.</summary>
/// <param name="Version">Trunkline's version.</param>
/// <param name="Broker">Broker kind.</param>
/// <param name="Capabilities">What the broker can do.</param>
/// <param name="Revision">Revision in force; 0 without one.</param>
/// <param name="StartedAt">When it started.</param>
/// <param name="Caller">The name of the token the question came with; <c>local</c> where none is asked for.</param>
public sealed record NodeView(string Version, string Broker, IReadOnlyList<string> Capabilities, long Revision, DateTimeOffset StartedAt, string? Caller = null)
{
    /// <summary>Alerts that are on and not silenced.</summary>
    public int Alerts { get; init; }

    /// <summary>Those of them that somebody has to be woken for.</summary>
    public int Pages { get; init; }
}
